/** Built-in roles as `az role assignment create --role` takes them. */
export const builtInRoles = {
  reader: "Reader",
  dataScientist: "AzureML Data Scientist",
} as const;

/**
 * The smallest built-in role that holds an ARM action which this product uses. Every GET is in Reader (a wildcard for
 * reads, and no data); the POSTs that only look are actions, which of the roles with few rights AzureML Data Scientist has.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export function smallestRole(action: string): string {
  return action.endsWith("/read") ? builtInRoles.reader : builtInRoles.dataScientist;
}
