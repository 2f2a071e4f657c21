/** The api-version that each provider is asked with: versions whose OpenAPI documents we have checked against. */
export const apiVersions = {
  machineLearning: "2024-04-01",
  keyVault: "2023-07-01",
  containerRegistry: "2023-07-01",
  storage: "2023-05-01",
  network: "2024-01-01",
  privateDns: "2020-06-01",
  authorization: "2022-04-01",
  resources: "2021-04-01",
  /** The first that tells with which api-version a deployment made each resource is 2024-11-01. */
  deployments: "2025-04-01",
  activityLog: "2015-04-01",
  compute: "2024-03-01",
  containerService: "2024-02-01",
  diagnosticSettings: "2021-05-01-preview",
  connectedKubernetes: "2024-01-01",
  kubernetesConfiguration: "2023-05-01",
  databricks: "2023-02-01",
} as const;
