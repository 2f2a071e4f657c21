/** A custom role as `az role definition create --role-definition` reads it.
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli */
export interface RoleDefinition {
  readonly Name: string;
  readonly IsCustom: true;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
  readonly DataActions: readonly string[];
  readonly NotDataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

/** A role of these actions and nothing else: no data, no writes. `scopes` are where it may be assigned. */
export function roleDefinition(name: string, actions: readonly string[], scopes: readonly string[]): RoleDefinition {
  return {
    Name: name,
    IsCustom: true,
    Description: "Reads what aml-doctor looks at to diagnose an Azure Machine Learning workspace. Changes nothing.",
    Actions: actions,
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: scopes,
  };
}
