import type { Contact, Contacts } from "./contacts.ts";

/** The hosts alone, one a line in columns: host, port, protocol, what for, and through which proxy. */
export function renderEgress({ hosts }: Contacts): string {
  return columns(
    hosts.map((contact) => [contact.host, String(contact.port), contact.transport, contact.what + way(contact)]),
  );
}

/** Hosts, questions and reads, each under a heading. */
export function renderContacts(contacts: Contacts): string {
  const { reads, questions, resourceManager, podCommands } = contacts;
  return [
    "Hosts",
    indent(renderEgress(contacts)),
    `DNS questions, asked of ${questions.servers.join(", ")} and of the operating system`,
    indent(columns(questions.names.map(({ name, what }) => [name, what]))),
    `Reads from ${resourceManager}`,
    indent(columns(reads.map(({ method, path }) => [method, path]))),
    ...(podCommands.length === 0
      ? []
      : [
          "Commands run in the router's pod (azureml-fe) of attached clusters, whose network they use",
          indent(columns(podCommands.map(({ command, what }) => [command, what]))),
        ]),
    "* stands for what is known only from what is read first; [/*] for one item of a list. Nothing was contacted to\nprint this.",
    "",
  ].join("\n");
}

function way({ proxy }: Contact): string {
  if (proxy === undefined) return "";
  return proxy.only ? `, through ${proxy.url}` : `, directly and through ${proxy.url}`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
