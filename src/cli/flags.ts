import { InvalidArgumentError, Option, type Command } from "commander";
import { formatNames, parseOutput, type Output } from "./output.ts";

/** What `--credential` may be. */
export const credentialKinds = [
  "default",
  "managed-identity",
  "environment",
  "azure-cli",
  "workload-identity",
] as const;
/** What `--cloud` may be. */
export const cloudNames = ["AzureCloud", "AzureUSGovernment", "AzureChinaCloud"] as const;
const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/** Options of every command that prints a report. */
export interface DemoFlags {
  /** Empty: text on standard output. */
  readonly output: readonly Output[];
  readonly verbose?: boolean;
  readonly explain?: boolean;
  readonly ascii?: boolean;
  readonly color: boolean;
  readonly logLevel: (typeof logLevels)[number];
}

/** Options of `diagnose`. */
export interface DiagnoseFlags extends DemoFlags {
  readonly group?: string;
  readonly workspace?: string;
  readonly subscription?: string;
  readonly endpoint?: string;
  readonly deployment?: string;
  readonly playbook?: string;
  readonly symptom?: string;
  readonly playbooks?: string;
  readonly world?: string;
  /** Seconds. */
  readonly deadline: number;
  readonly score?: string;
  readonly credential?: (typeof credentialKinds)[number];
  readonly clientId?: string;
  readonly azureDns?: string;
  readonly ca?: string;
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  readonly inCluster?: boolean;
  readonly cloud?: (typeof cloudNames)[number];
  readonly failOn?: "warning";
}

/** Adds what shapes a report. */
export function addViewOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--output <format[=file]>",
        `how the report is printed, or written to a file: ${formatNames.join(", ")}; may be given several times`,
      )
        .argParser(parseOutput)
        .default([], "text"),
    )
    .option("--verbose", "also what passed and what did not apply, with full resource ids")
    .option("--explain", "also which other causes were ruled out, and by what")
    .option("--ascii", "ASCII characters only")
    .option("--no-color", "no colours; they are used on a terminal only")
    .addOption(
      new Option("--log-level <level>", "what is logged on standard error").choices(logLevels).default("warn"),
    );
}

/** Adds the options of `diagnose`. Defaults that depend on the surroundings are found later: see defaults.ts. */
export function addDiagnoseOptions(command: Command): Command {
  const target = command
    .option("-g, --group <name>", "resource group (az's defaults apply)")
    .option("-w, --workspace <name>", "workspace (az's defaults apply)")
    .option("--subscription <id>", "subscription id or name (AZURE_SUBSCRIPTION_ID, else az's default)")
    .option("-e, --endpoint <name>", "online endpoint to diagnose as well")
    .option("-d, --deployment <name>", "deployment of that endpoint")
    .option("--playbook <name>", "playbook to follow: see `aml-doctor playbooks`")
    .option("--symptom <text>", "what you see, in your words or an error message: chooses the playbook")
    .option("--playbooks <dir>", "also read the playbooks of this folder")
    .option("--world <file>", "diagnose a simulated estate instead of Azure")
    .addOption(new Option("--deadline <seconds>", "time for the whole run").argParser(seconds).default(120))
    .option("--score <file>", "also score with this request body, and the key in AML_DOCTOR_SCORING_KEY when it is set")
    .addOption(new Option("--credential <kind>", "how to sign in").choices(credentialKinds))
    .option("--client-id <id>", "client id of a user-assigned identity")
    .option("--azure-dns <addr>", "address at which Azure's DNS answers, when it is not 168.63.129.16")
    .option("--kubeconfig <file>", "kubeconfig for clusters of Kubernetes endpoints (KUBECONFIG, else ~/.kube/config)")
    .option("--kube-context <name>", "context in it (the one named after the cluster)")
    .option("--in-cluster", "also run nslookup and curl in the router's pod of such clusters (needs create pods/exec)")
    .option("--ca <file>", "trust these certificate authorities too (PEM)")
    .addOption(
      new Option("--cloud <name>", "Azure cloud (az's default applies, else that of this VM)").choices(cloudNames),
    )
    .addOption(new Option("--fail-on <what>", "exit code 1 for this when otherwise healthy").choices(["warning"]));
  return addViewOptions(target);
}

/** The longest deadline: a day, well below what timers can hold. */
const longestSeconds = 86_400;

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0 || value > longestSeconds) {
    throw new InvalidArgumentError(`It is a number of seconds, more than 0 and at most ${longestSeconds}.`);
  }
  return value;
}
