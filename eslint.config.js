import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** What only the command line may touch: everything else is handed what it needs. */
const machineGlobals = ["process", "console"].map((name) => ({
  name,
  message: "Only src/cli touches it; take what you need as a parameter.",
}));
const machineModules = ["process", "node:process", "console", "node:console"].map((name) => ({
  name,
  message: "Only src/cli touches it; take what you need as a parameter.",
}));
const machineProperties = ["process", "console"].map((property) => ({
  object: "globalThis",
  property,
  message: "Only src/cli touches it; take what you need as a parameter.",
}));

/** Input and output that needs no import. */
const inputOutput = ["fetch", "WebSocket", "EventSource", "setTimeout", "setInterval", "setImmediate"].map((name) => ({
  name,
  message: "Judging does no I/O and waits for nothing.",
}));

/** Ways to read the clock or chance: the same facts must give the same report. */
const clock = [
  { object: "Date", property: "now", message: "Judging reads no clock." },
  { object: "performance", property: "now", message: "Judging reads no clock." },
  { object: "Math", property: "random", message: "The same facts give the same report." },
];
const clockSyntax = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Judging reads no clock.",
  },
];

/** A judge is synchronous: whatever has to be looked up is a fact. */
const asynchronousSyntax = [
  { selector: ":function[async=true]", message: "A probe is synchronous: look-ups are facts." },
  { selector: "AwaitExpression", message: "A probe is synchronous: look-ups are facts." },
  { selector: "ImportExpression", message: "A probe imports what it needs at the top." },
];

/** Plain JavaScript slips that the type checker lets pass. */
const slips = [
  "no-async-promise-executor",
  "no-cond-assign",
  "no-constant-condition",
  "no-control-regex",
  "no-dupe-else-if",
  "no-duplicate-case",
  "no-empty",
  "no-empty-character-class",
  "no-fallthrough",
  "no-irregular-whitespace",
  "no-loss-of-precision",
  "no-misleading-character-class",
  "no-self-assign",
  "no-self-compare",
  "no-unmodified-loop-condition",
  "no-unsafe-finally",
  "no-useless-backreference",
  "no-useless-escape",
];

export default defineConfig(
  globalIgnores(["node_modules/", "dist/", "coverage/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      // Numbers read well in a text, and their text is what it looks like.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `() => list.push(x)` is plain enough where the result is not used.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Ports and the lab implement asynchronous interfaces with answers that are at hand.
      "@typescript-eslint/require-await": "off",
      // `type` is how this project names unions and inferred shapes side by side.
      "@typescript-eslint/consistent-type-definitions": "off",
      // A type parameter used once still carries data from a definition to its texts.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // Ports, facts and probes are plain objects without a `this`: they are taken apart freely.
      "@typescript-eslint/unbound-method": "off",
      // Brackets mark a key of foreign data, which no declared type promises.
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      // An observer that is told and has nothing to do.
      "@typescript-eslint/no-empty-function": ["error", { allow: ["arrowFunctions"] }],
      // A name that starts with `_` is there for the signature.
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      ...Object.fromEntries(slips.map((rule) => [rule, "error"])),
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["src/**/*.ts", "probes/**/*.ts", "playbooks/**/*.ts"],
    rules: {
      // Doc comments, table rows and blank lines included: a longer file wants to be two.
      "max-lines": ["error", { max: 250 }],
    },
  },
  {
    files: ["src/**/*.ts", "probes/**/*.ts", "playbooks/**/*.ts"],
    ignores: ["src/cli/**"],
    rules: {
      "no-restricted-globals": ["error", ...machineGlobals],
      "no-restricted-imports": ["error", ...machineModules],
      "no-restricted-properties": ["error", ...machineProperties],
    },
  },
  {
    files: ["src/model/**/*.ts", "src/reporters/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...machineGlobals, ...inputOutput],
      "no-restricted-properties": ["error", ...machineProperties, ...clock],
      "no-restricted-syntax": ["error", ...clockSyntax],
    },
  },
  {
    files: ["src/facts/**/*.ts"],
    rules: {
      // A fact looks, but through its ports, which the lab can answer and the deadline can stop.
      "no-restricted-globals": ["error", ...machineGlobals, ...inputOutput],
    },
  },
  {
    files: ["probes/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...machineGlobals, ...inputOutput],
      "no-restricted-properties": ["error", ...machineProperties, ...clock],
      "no-restricted-syntax": ["error", ...clockSyntax, ...asynchronousSyntax],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Tables of odd inputs, parsed JSON and deliberately wrong values: the assertion is the type check.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
);
