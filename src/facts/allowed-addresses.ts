import { sameText } from "../model/text.ts";
import type { Workspace } from "./workspace.ts";

/** The public addresses that the workspace lets in by name; older and newer api-versions keep them in different members. */
export function allowedAddresses({ properties }: Workspace): string[] {
  const rules = (properties.networkAcls?.ipRules ?? []).flatMap(({ value, action }) =>
    value && (action === null || action === undefined || sameText(action, "Allow")) ? [value] : [],
  );
  return [...new Set([...(properties.ipAllowlist ?? []), ...rules])];
}
