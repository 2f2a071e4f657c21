import { isWithin, resourceGroupType, subscriptionType, type ArmPath } from "./arm-path.ts";
import type { World } from "./world.ts";

/** What the signed-in identity may not do. Actions and scopes have no case. */
export interface Access {
  /** Whether an action is denied at a scope (lower case): by a denial there or above. */
  denies(action: string, scope: string): boolean;
  /** Whether a read of this resource is denied by a denial strictly below `scope`, where a list stands. */
  hides(path: ArmPath, scope: string): boolean;
}

/** Reads `arm.denied`. A `*` in an action spans any number of parts, as in role definitions. */
export function readAccess(denied: World["arm"]["denied"]): Access {
  const denials = denied.map(({ action, scope }) => ({
    action: new RegExp(`^${action.split("*").map(literal).join(".*")}$`, "i"),
    scope: scope.toLowerCase().replace(/\/+$/, ""),
  }));
  return {
    denies: (action, scope) => denials.some((denial) => denial.action.test(action) && isWithin(scope, denial.scope)),
    hides(path, scope) {
      const action = readAction(path);
      return denials.some(
        (denial) =>
          denial.action.test(action) &&
          denial.scope !== scope &&
          isWithin(denial.scope, scope) &&
          isWithin(path.id, denial.scope),
      );
    },
  };
}

/** The ARM action that a GET of this path needs, in the caller's case of the type. */
export function readAction(path: ArmPath): string {
  if (path.type === subscriptionType) return "Microsoft.Resources/subscriptions/read";
  if (path.type === resourceGroupType) return "Microsoft.Resources/subscriptions/resourceGroups/read";
  if (path.type === "*")
    return path.scope.includes("/resourcegroups/")
      ? "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
      : "Microsoft.Resources/subscriptions/resources/read";
  return `${path.typeText}/read`;
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
