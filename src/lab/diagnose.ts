/** Categories of a diagnose request and where their results stand. Source: `DiagnoseRequestProperties` and
 * `DiagnoseResponseResultValue` of the Machine Learning REST interface. */
const categories: Readonly<Record<string, string>> = {
  udr: "userDefinedRouteResults",
  nsg: "networkSecurityRuleResults",
  resourceLock: "resourceLockResults",
  dnsResolution: "dnsResolutionResults",
  storageAccount: "storageAccountResults",
  keyVault: "keyVaultResults",
  containerRegistry: "containerRegistryResults",
  applicationInsights: "applicationInsightsResults",
  others: "otherResults",
};

/** The results of the categories that were asked for; all when none is named, as the service does. */
export function askedCategories(answer: unknown, request: string): { value: Record<string, unknown> } {
  const results = member(answer, "value");
  const asked = Object.keys(categories).filter(
    (category) => member(member(parsed(request), "value"), category) !== undefined,
  );
  const shown = (asked.length === 0 ? Object.keys(categories) : asked).map(
    (category) => categories[category] ?? category,
  );
  return { value: Object.fromEntries(shown.map((key) => [key, member(results, key) ?? []])) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No body, or one that is no JSON, asks for everything.
    return undefined;
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
