import { describe, expect, it } from "vitest";
import { clearBest, findPlaybook } from "../../playbooks/match.ts";
import { symptomPlaybooks } from "./shipped.ts";

/** What people paste, as terminals, portals, logs and browsers show it; names and numbers are made up. */
const pasted: readonly (readonly [playbook: string, message: string])[] = [
  // The workspace
  [
    "workspace-cannot-be-reached",
    "(UserError) User is not authorized to access provided resources due to none of the workspaces/registries are accessible\n   from outside of the designated private link",
  ],
  [
    "workspace-cannot-be-reached",
    `HttpResponseError: (Forbidden) {"error":{"code":"UserError","message":"Access to workspace was denied based on workspace private link configuration.","messageFormat":"Attempted to access workspace data plane operations outside of the designated private link"}}`,
  ],
  // Creating endpoints
  [
    "endpoint-creation-v1-legacy-mode",
    "\u001b[31mERROR: (BadRequest) V1LegacyMode == true\u001b[0m is set on workspace mlprod\nCode: BadRequest",
  ],
  ["endpoint-creation-v1-legacy-mode", "the workspace property v1-legacy-mode is true"],
  [
    "endpoint-creation-key-authentication",
    "(Forbidden) Client address is not authorized and caller was ignored because\r\nbypass is set to None.\r\nClient address: 20.42.1.7\r\nVault: kv-mlprod;location=eastus2\r\nInner error: {\r\n  'code': 'ForbiddenByFirewall'\r\n}",
  ],
  [
    "endpoint-creation-fails",
    "ERROR: (BadRequest) The request is invalid.\nCode: BadRequest\nMessage: The request is invalid.",
  ],
  ["managed-network-not-ready", "ERROR: [MissingSubscriptionRegistration] see the log"],
  ["model-download-error", "stage\n[ModelDownload] ended\u001b[m with 1"],
  // Quota, policy, rights
  [
    "refused-by-quota-or-policy",
    "Code: OutOfQuota\nMessage: Not enough quota available for Standard_DS3_v2 in SubscriptionId 7c9e6679-7425-40de-944b-e07fc1f90ae7. Current usage/limit: 96/100.",
  ],
  [
    "refused-by-quota-or-policy",
    `{"error":{"code":"RequestDisallowedByPolicy","target":"blue","message":"Resource 'blue' was disallowed by policy. Policy identifiers: '[{\\"policyAssignment\\":{\\"name\\":\\"Deny public\\"}}]'."}}`,
  ],
  [
    "refused-by-quota-or-policy",
    "The scope '/subscriptions/7c9e6679/resourceGroups/rg-ml' cannot perform delete operation because following scope(s) are locked. (Code: ScopeLocked)",
  ],
  [
    "rights-missing",
    "(AuthorizationFailed) The client 'anna@contoso.example' with object id '0f8fad5b-d9cb-469f-a165-70867728950e' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write' over scope '/subscriptions/7c9e6679/resourceGroups/rg-ml' or the scope is invalid.",
  ],
  [
    "rights-missing",
    "LinkedAuthorizationFailed: The client has permission to perform action 'Microsoft.Network/privateEndpoints/write'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s)",
  ],
  [
    "managed-network-not-ready",
    "The client '7c9e6679-7425-40de-944b-e07fc1f90ae7' with object id '7c9e6679' does not have authorization to perform action 'Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action' over scope '/subscriptions/x'",
  ],
  [
    "scoring-refused",
    "(AuthorizationFailed) The client 'anna' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action' over scope '/subscriptions/x'",
  ],
  [
    "resource-not-found",
    "(ResourceNotFound) The Resource 'Microsoft.KeyVault/vaults/kv-mlprod' under resource group 'rg-ml' was not found.",
  ],
  [
    "resource-not-found",
    "ResourceNotFound: Deployment failed due to timeout while waiting for Environment Image to become available. Check Environment Build Log",
  ],
  // Names
  ["scoring-name-not-resolved", "curl: (6) Could not resolve host: score1.eastus2.inference.ml.azure.com"],
  [
    "scoring-name-not-resolved",
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='score1.eastus2.inference.ml.azure.com', port=443): Max retries exceeded with url: /score (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f21>: Failed to establish a new connection: [Errno -2] Name or service not known'))",
  ],
  [
    "scoring-name-not-resolved",
    "urllib3.exceptions.MaxRetryError: HTTPSConnectionPool(host='score1.eastus2.inference.ml.azure.com', port=443): Max retries exceeded with url: /score (Caused by NameResolutionError(\"<HTTPSConnection>: Failed to resolve 'score1.eastus2.inference.ml.azure.com' ([Errno 11001] getaddrinfo failed)\"))",
  ],
  ["scoring-name-not-resolved", "Error: getaddrinfo ENOTFOUND score1.eastus2.inference.ml.azure.com"],
  [
    "scoring-name-not-resolved",
    "Server:\t\t10.1.0.4\nAddress:\t10.1.0.4#53\n\n** server can't find score1.eastus2.inference.ml.azure.com: NXDOMAIN\n",
  ],
  [
    "names-resolve-wrongly",
    "** server can’t find 0f8fad5b-d9cb-469f-a165-70867728950e.workspace.eastus2.api.azureml.ms: NXDOMAIN",
  ],
  ["names-resolve-wrongly", ";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 4711"],
  ["names-resolve-wrongly", ";; connection timed out; no servers could be reached"],
  ["names-resolve-wrongly", "curl: (6) Could not resolve host: kv-mlprod.vault.azure.net"],
  ["names-resolve-wrongly", "This site can't be reached\nDNS_PROBE_FINISHED_NXDOMAIN"],
  [
    "names-resolve-wrongly",
    "{'code': 'CustomDnsInUse', 'level': 'Warning', 'message': 'It is detected VNet uses custom DNS'}",
  ],
  // Connections
  [
    "connection-times-out",
    "curl: (28) Failed to connect to score1.eastus2.inference.ml.azure.com port 443 after 130012 ms: Connection timed out",
  ],
  [
    "connection-times-out",
    "HTTPSConnectionPool(host='score1.eastus2.inference.ml.azure.com', port=443): Max retries exceeded with url: /score (Caused by NewConnectionError('<...>: Failed to establish a new connection: [Errno 110] Connection timed out'))",
  ],
  ["connection-times-out", "ComputerName     : mlprod.workspace.eastus2.api.azureml.ms\nTcpTestSucceeded : False"],
  ["connection-times-out", "FetchError: request to https://x/score failed, reason: connect ETIMEDOUT 10.2.0.14:443"],
  [
    "certificate-refused",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1007)'))",
  ],
  [
    "certificate-refused",
    "curl: (60) SSL: no alternative certificate subject name matches target host name '10.2.0.14'",
  ],
  ["certificate-refused", "Error: self-signed certificate in certificate chain\n  code: 'SELF_SIGNED_CERT_IN_CHAIN'"],
  ["proxy-in-the-way", "curl: (56) Received HTTP code 407 from proxy after CONNECT"],
  ["proxy-in-the-way", "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403 Forbidden'))"],
  // This machine and the management plane
  [
    "cannot-sign-in",
    "HTTPSConnectionPool(host='management.azure.com', port=443): Max retries exceeded with url: /subscriptions?api-version=2022-12-01 (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x1>: Failed to establish a new connection: [Errno 110] Connection timed out'))",
  ],
  [
    "cannot-sign-in",
    "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /x (Caused by NewConnectionError(': Failed to establish a new connection: [Errno -2] Name or service not known'))",
  ],
  ["cannot-sign-in", "AADSTS700016: Application with identifier '7c9e6679' was not found in the directory 'Contoso'."],
  ["cannot-sign-in", "DefaultAzureCredential failed to retrieve a token from the included credentials."],
  ["cannot-sign-in", "ERROR: Please run 'az login' to setup account."],
  // Vault, storage, registry
  [
    "key-vault-refuses",
    "Client address is not authorized and caller is not a trusted service.\nClient address: 52.1.2.3\nCaller: appid=7c9e;oid=0f8f\nVault: kv-mlprod",
  ],
  [
    "key-vault-refuses",
    "Public network access is disabled and request is not from a trusted service nor via an approved private link. (ForbiddenByConnection)",
  ],
  [
    "storage-refuses",
    '<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationFailure</Code><Message>This request is not authorized to perform this operation.\nRequestId:4a6f-01e0\nTime:2026-01-01T00:00:00Z</Message></Error>',
  ],
  [
    "storage-refuses",
    "ErrorCode:KeyBasedAuthenticationNotPermitted\nKey based authentication is not permitted on this storage account.",
  ],
  ["storage-refuses", "mount error(115): Operation now in progress"],
  [
    "registry-refuses",
    "denied: client with IP '203.0.113.9' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
  ],
  [
    "registry-refuses",
    'Error response from daemon: Get "https://acrmlprod.azurecr.io/v2/": dial tcp: lookup acrmlprod.azurecr.io on 127.0.0.53:53: no such host',
  ],
  // Deployments
  [
    "image-download-error",
    "BadArgument: Unable to download user container image. Please see troubleshooting guide, available here: https://aka.ms/oe-tsg",
  ],
  [
    "image-download-error",
    '\\"code\\": \\"ImageBuildFailure\\",\\n \\"message\\": \\"failed to communicate with the workspace\\u0027s container registry\\"',
  ],
  ["image-download-error", 'Back-off pulling image "acrmlprod.azurecr.io/azureml/x:1": ImagePullBackOff'],
  ["model-download-error", "Error: Unable to download user model: churn:7\nFailed at step ModelDownload"],
  ["model-download-error", "BadArgument: startup task failed due to authorization error"],
  ["secrets-not-injected", "(SecretsInjectionError) The secret 'db' of connection 'warehouse' could not be read"],
  [
    "container-does-not-start",
    "ResourceNotReady: User container has crashed or terminated. Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-resourcenotready",
  ],
  ["container-does-not-start", "Warning  BackOff  3s  kubelet  Back-off restarting failed container inference-server"],
  [
    "deployment-rejected",
    "The EgressPublicNetworkAccess under online deployment is no longer supported when your workspace is secured with managed virtual network.",
  ],
  ["deployment-rejected", "ERROR: (Conflict) 409 Conflict: Another operation is in progress on deployment 'blue'"],
  ["managed-network-not-ready", "WorkspaceManagedNetworkNotReady: The managed network of the workspace is not ready"],
  [
    "managed-network-not-ready",
    "The subscription is not registered to use namespace &#39;Microsoft.Network&#39;. See https://aka.ms/rps-not-found for how to register subscriptions.",
  ],
  // Computes and firewalls
  ["compute-not-usable", "The specified Azure ML Compute Instance ci-anna encountered an unusable node."],
  [
    "compute-not-usable",
    "The specified subnet has a network security group (nsg-training) that is missing the following rules below: ...",
  ],
  [
    "hosts-blocked-by-firewall",
    "CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://conda.anaconda.org/conda-forge/linux-64/repodata.json>",
  ],
  [
    "hosts-blocked-by-firewall",
    "HTTPS request from 10.1.3.5:51234 to pypi.org:443. Action: Deny. Reason: No rule matched. Proceeding with default action.",
  ],
  // Kubernetes and AKS of version 1
  ["kubernetes-attach-fails", "GenericClusterError: Failed to connect to Kubernetes cluster (ClusterNotReachable)"],
  [
    "kubernetes-extension-fails",
    "Error: {failed to install chart: E45003, BAD_NETWORK_CONNECTIVITY: no connection to mcr.microsoft.com}",
  ],
  ["kubernetes-extension-fails", "E40007: the certificate of the extension cannot be used"],
  ["kubernetes-deployment-fails", "ScoringFeUnhealthy: the inference router is not healthy"],
  [
    "kubernetes-deployment-fails",
    'failed to do request: Head "https://acrmlprod.azurecr.io/v2/x/manifests/1": dial tcp: lookup acrmlprod.azurecr.io: no such host',
  ],
  ["kubernetes-deployment-fails", "0/3 nodes are available: 3 Insufficient cpu. FailedScheduling"],
  [
    "kubernetes-scoring-fails",
    "$ kubectl exec azureml-fe-v2-0 -- curl http://localhost:5001/swagger.json\nSwagger not found",
  ],
  ["aks-v1-fails", "'computetarget' is misspelled or not recognized by the system."],
  // Scoring
  ["scoring-refused", 'HTTP/2 401 \nwww-authenticate: Bearer\n\n{"error":"key_auth_access_denied"}'],
  ["scoring-refused", "< HTTP/1.1 403 Forbidden"],
  [
    "scoring-refused",
    "Access to fetch at 'https://score1.eastus2.inference.ml.azure.com/score' from origin 'https://app.contoso.example' has been blocked by CORS policy: Response to preflight request doesn't pass access control check",
  ],
  [
    "deployment-cannot-be-scored",
    "HTTP Error 404: Not Found - The endpoint score1 does not have any valid deployment with positive weight",
  ],
  ["deployment-cannot-be-scored", "curl: (22) The requested URL returned error: 404"],
  ["scoring-answers-with-errors", "HTTP/1.1 424 Failed Dependency\nms-azureml-model-error-statuscode: 500"],
  ["scoring-answers-with-errors", "upstream connect error or disconnect/reset before headers. reset reason: overflow"],
  ["scoring-answers-with-errors", "< HTTP/2 503 \n< content-length: 0"],
  // Studio, instances, logs
  ["studio-features-fail", "Unable to preview this data. Check your network and permissions."],
  [
    "compute-instance-cannot-be-opened",
    "WebSocket connection to 'wss://ci-anna.eastus2.instances.azureml.ms/api/kernels/x/channels' failed",
  ],
  ["logs-or-telemetry-missing", "AmlOnlineEndpointConsoleLog | where TimeGenerated > ago(1h) -- no results found"],
];

/** The same complaints as people say them. */
const said: readonly (readonly [playbook: string, complaint: string])[] = [
  ["scoring-name-not-resolved", "the name of our scoring endpoint does not resolve"],
  ["workspace-cannot-be-reached", "studio says network error, I am not authorized"],
  ["workspace-cannot-be-reached", "nobody gets into the workspace any more since we deleted the private endpoint"],
  ["names-resolve-wrongly", "our custom DNS server gives public addresses"],
  ["connection-times-out", "TCP to the private endpoint times out"],
  ["image-download-error", "the image pull of my deployment fails"],
  ["compute-not-usable", "jobs stay queued and the nodes are unusable"],
  ["storage-refuses", "uploading a model fails"],
  ["key-vault-refuses", "403 from the key vault"],
  ["kubernetes-extension-fails", "the extension is in provisioning state failed"],
  ["kubernetes-attach-fails", "attaching our AKS cluster fails although kubectl works"],
  ["cannot-sign-in", "az login hangs on the jump box"],
  ["studio-features-fail", "studio page stays blank"],
  ["compute-instance-cannot-be-opened", "jupyter does not connect"],
  ["logs-or-telemetry-missing", "there are no console logs in log analytics"],
  ["batch-scoring-hangs", "batch scoring never finishes"],
  ["hosts-blocked-by-firewall", "pip cannot install packages"],
  ["scoring-answers-with-errors", "the model is slow and throttled"],
];

describe("a pasted message", () => {
  it.each(pasted)("leads to %s: %j", (playbook, message) => {
    const candidates = findPlaybook(symptomPlaybooks, message);
    const shown = candidates.slice(0, 3).map((each) => `${each.playbook.id}: ${each.matched} (${each.score})`);
    expect(clearBest(candidates)?.playbook.id, shown.join("; ")).toBe(playbook);
    expect(candidates[0]?.score, "matched by words only").toBeGreaterThan(1);
  });
});

describe("a complaint in one's own words", () => {
  it.each(said)("leads to %s: %s", (playbook, complaint) => {
    const candidates = findPlaybook(symptomPlaybooks, complaint);
    const shown = candidates.slice(0, 3).map((each) => `${each.playbook.id}: ${each.matched} (${each.score})`);
    expect(candidates[0]?.playbook.id, shown.join("; ")).toBe(playbook);
  });
});
