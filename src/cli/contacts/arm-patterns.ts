import { workspaceId } from "../../model/arm-id.ts";
import type { Target } from "../../model/ports.ts";

/** A read of Azure Resource Manager, or a family of them. */
export interface ArmPattern {
  readonly method: "GET" | "POST";
  /** A path. `*` stands for one part of it, at the beginning for any scope; `[/*]` says that one item of the list may be
   * read by itself too. */
  readonly path: string;
}

const machineLearning = "Microsoft.MachineLearningServices/workspaces";

/**
 * The reads that these ARM actions mean, sorted by path. What lies below the workspace is named exactly; where the rest
 * lies is known only from what is read first. `Microsoft.Network/privateDnsZones/A/read` becomes
 * `GET *\/providers/Microsoft.Network/privateDnsZones/*\/A[/*]`.
 */
export function armPatterns(actions: readonly string[], target: Target): readonly ArmPattern[] {
  const patterns = actions.flatMap((action) => patternsOf(action, target));
  if (patterns.some(({ method }) => method === "POST"))
    // A long-running answer is fetched where its Location header leads, on the same host.
    patterns.push({
      method: "GET",
      path: `/subscriptions/${target.subscriptionId}/providers/${machineLearning.split("/")[0] ?? ""}/locations/*/*/*`,
    });
  return patterns.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function patternsOf(action: string, target: Target): ArmPattern[] {
  const parts = action.split("/");
  const isRead = parts.at(-1)?.toLowerCase() === "read";
  const types = parts.slice(1, isRead ? -1 : -2);
  const verb = isRead ? "[/*]" : `/${types.length > 1 ? "*/" : ""}${parts.at(-2) ?? ""}`;
  const [namespace = ""] = parts;
  if (action === "Microsoft.Resources/subscriptions/read") return [{ method: "GET", path: "/subscriptions" }];
  if (action === "Microsoft.Resources/subscriptions/providers/read")
    return [{ method: "GET", path: "/subscriptions/*/providers/*" }];
  const method = isRead ? "GET" : "POST";
  if (`${namespace}/${types[0] ?? ""}`.toLowerCase() !== machineLearning.toLowerCase())
    return [{ method, path: `*/providers/${namespace}/${types.join("/*/")}${verb}` }];
  const workspace = workspaceId(target);
  const below = types.slice(1).join("/*/");
  if (below !== "" || !isRead) return [{ method, path: `${workspace}${below === "" ? "" : `/${below}`}${verb}` }];
  return [
    { method, path: workspace },
    { method, path: `/subscriptions/${target.subscriptionId}/providers/${machineLearning}` },
  ];
}
