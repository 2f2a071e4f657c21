// Who may import whom. Each layer lists what it may use; everything else is a violation.

/** Node's own modules, in the spellings that the resolver reports. */
const core = [
  "^node:",
  "^(assert|buffer|crypto|dgram|dns|events|fs|http|https|module|net|os|path|perf_hooks|stream|timers|tls|url|util|zlib)(/|$)",
];

/** Packages by name, wherever they are installed. */
const packages = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);

const model = "^src/model/";
const facts = "^src/facts/";

/** The import table: a layer, where it lives, and the only things it may import. */
const layers = [
  { name: "model", path: model, may: [model, ...packages("zod", "ipaddr\\.js")] },
  { name: "facts", path: facts, may: [model, facts, ...packages("zod", "ipaddr\\.js")] },
  { name: "probes", path: "^probes/", may: [model, facts] },
  { name: "engine", path: "^src/engine/", may: [model, "^src/engine/", ...core] },
  { name: "check", path: "^src/check/", may: [model, "^src/check/", ...packages("zod")] },
  {
    name: "reporters",
    path: "^src/reporters/",
    may: [model, "^src/reporters/", ...packages("picocolors", "xmlbuilder2")],
  },
  {
    name: "playbooks",
    path: "^playbooks/",
    may: [model, "^src/engine/", "^playbooks/", ...core, ...packages("yaml", "zod")],
  },
  {
    name: "azure",
    path: "^src/azure/",
    may: [model, "^src/azure/", ...core, ...packages("@azure/[^/]+", "p-limit", "undici")],
  },
  {
    name: "net",
    path: "^src/net/",
    may: [
      model,
      "^src/net/",
      ...core,
      ...packages("dns-packet", "@types/dns-packet", "undici", "ipaddr\\.js", "p-limit", "zod"),
    ],
  },
  {
    name: "kubernetes",
    path: "^src/kubernetes/",
    may: [model, "^src/kubernetes/", ...core, ...packages("undici", "undici-types", "ws", "@types/ws", "yaml", "zod")],
  },
  {
    name: "lab",
    path: "^src/lab/",
    may: [
      // How Azure names things, and nothing of what we look for.
      "^src/model/(address|arm-id|cloud)\\.ts$",
      "^src/lab/",
      ...core,
      ...packages("dns-packet", "@types/dns-packet", "undici", "ws", "@types/ws", "ipaddr\\.js", "zod"),
    ],
  },
];

/** Files that are started or loaded by path, so that nobody imports them. */
const entries = ["^src/cli/(start\\.js|main\\.ts)$", "^src/index\\.ts$", "^probes/", "^scripts/"];

module.exports = {
  forbidden: [
    ...layers.map(({ name, path, may }) => ({
      name: `${name}-imports`,
      comment: `${name} may import only: ${may.join(" ")}`,
      severity: "error",
      from: { path },
      to: { pathNot: may },
    })),
    {
      name: "cli-is-the-top",
      comment: "Only the command line imports the command line.",
      severity: "error",
      from: { pathNot: ["^src/cli/", "^scripts/"] },
      to: { path: "^src/cli/" },
    },
    {
      name: "known-layers",
      comment: "A new folder under src wants a row in the table above.",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: [...layers.map((layer) => layer.path), "^src/cli/", "^src/index\\.ts$"] },
    },
    { name: "no-cycles", comment: "One-way street.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "resolvable",
      comment: "An import that does not resolve would escape every other rule.",
      severity: "error",
      from: {},
      // What a package is made into is not there in a checkout.
      to: { couldNotResolve: true, pathNot: "^\\.\\./\\.\\./dist/" },
    },
    {
      name: "declared-packages",
      comment: "What ships is made of declared packages, never of one that merely happens to be installed.",
      severity: "error",
      from: { path: "^(src|probes|playbooks)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], pathNot: "node_modules/@types/" },
    },
    {
      name: "cli-packages",
      comment: "The command line imports every layer, but of packages only its own: tools of the project do not ship.",
      severity: "error",
      from: { path: "^src/cli/" },
      to: {
        path: "(^|/)node_modules/",
        pathNot: packages("commander", "ini", "@types/ini", "pino", "xmlbuilder2", "yaml", "zod"),
      },
    },
    {
      name: "no-dead-modules",
      comment: "Every module is reached from something that is started.",
      severity: "error",
      from: { path: entries },
      to: { path: "^(src|playbooks)/", pathNot: entries, reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    // Types are imports too: a layer that knows another's types knows the other layer.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
