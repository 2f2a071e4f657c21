/**
 * The only commands that are ever run in a customer's pod, and only when the user asked for it. Each asks one question,
 * changes nothing, ends by itself, and is run as a list of words, never through a shell.
 */
export type PodCommand =
  /** Which addresses the pod gets for a name. */
  | { readonly run: "look-up"; readonly host: string }
  /** Whether `https://host/` answers the pod; the body is not fetched. */
  | { readonly run: "head"; readonly host: string }
  /** Whether the router answers in its own pod: its page about an endpoint that needs no key. */
  | { readonly run: "router"; readonly scheme: "http" | "https"; readonly port: number; readonly endpoint: string }
  /** Whether another pod takes connections. */
  | { readonly run: "pod"; readonly address: string; readonly port: number };

/** `~/.curlrc` of the image is left out; connecting and the whole call have a deadline in the pod itself, too. */
const curl = ["curl", "--disable", "--silent", "--show-error", "--connect-timeout", "4", "--max-time", "8"];
/** Written after the answer: the address that curl came to, and the status. */
const trailer = ["--write-out", "\nconnected-to=%{remote_ip} status=%{http_code}\n"];

const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)*$/i;
const plainAddress = /^[0-9a-f.:]+$/i;
const endpointName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i;

/** The words of a command; undefined when a name in it is none: names come from Azure and from the cluster, and one that
 * begins with a dash would be an option. */
export function wordsOf(command: PodCommand): readonly string[] | undefined {
  switch (command.run) {
    case "look-up":
      return hostName.test(command.host) ? ["nslookup", command.host] : undefined;
    case "head":
      return hostName.test(command.host) ? [...curl, ...trailer, "--head", `https://${command.host}/`] : undefined;
    case "router": {
      const { scheme, port, endpoint } = command;
      if (!endpointName.test(endpoint)) return undefined;
      // The certificate names the scoring host, not localhost; it is shown (--verbose), and judged elsewhere.
      return [
        ...curl,
        "--noproxy",
        "*",
        "--include",
        ...(scheme === "https" ? ["--insecure", "--verbose"] : []),
        `${scheme}://localhost:${port}/api/v1/endpoint/${endpoint}/swagger.json`,
      ];
    }
    case "pod": {
      const { address, port } = command;
      if (!plainAddress.test(address)) return undefined;
      const host = address.includes(":") ? `[${address}]` : address;
      return [...curl, ...trailer, "--noproxy", "*", "--head", `http://${host}:${port}/`];
    }
  }
}

/** The commands as `--dry-run` shows them, with words in brackets for what is not known yet. */
export const podCommandPatterns: readonly { readonly command: string; readonly what: string }[] = [
  { command: "nslookup (required name)", what: "what a name resolves to in the pod" },
  { command: "curl --head https://(required name)/", what: "whether it answers the pod" },
  {
    command: "curl https://localhost:(port)/api/v1/endpoint/(endpoint)/swagger.json",
    what: "whether the router answers, over HTTPS and HTTP",
  },
  { command: "curl --head http://(address of a model's pod):(port)/", what: "whether the router reaches a model" },
];
