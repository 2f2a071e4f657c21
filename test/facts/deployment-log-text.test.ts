import { describe, expect, it } from "vitest";
import { readDeploymentLog } from "../../src/facts/deployment-log-text.ts";
import { stageOf } from "../../src/facts/deployment-failures.ts";
import { refusedCallIn } from "../../src/facts/refused-call.ts";
import { maskSecrets } from "../../src/facts/secret-mask.ts";

const up =
  "Instance status:\nSystemSetup: Succeeded\nUserContainerImagePull: Succeeded\nModelDownload: Succeeded\nUserContainerStart: Succeeded\n";
const init = "2026-09-18 06:32:14,311 I [124] azmlinfsrv.user_script - Users's init has completed successfully\n";
const answered = (status: number): string =>
  `2026-09-18 07:05:51,091 I [124] gunicorn.access - 127.0.0.1 - - "POST /score HTTP/1.0" ${status} 12\n`;

describe("the log of a deployment", () => {
  it("gives the service's status lines and warning events", () => {
    const log = readDeploymentLog(
      `SystemSetup: Succeeded\nUserContainerImagePull: Failed\nKind: Pod, Name: Pulling, Type: Normal, Time: 2026-09-18T06:30:43Z, Message: Start\nKind: Pod, Name: Failed, Type: Warning, Time: 2026-09-18 06:36:44+00:00, Message: Failed to pull container image r.example.io/a:1, connect to r.example.io:443: i/o timeout`,
    );
    expect(log.steps).toEqual({ "system-setup": "Succeeded", "image-pull": "Failed" });
    expect(log.warnings.map(({ name }) => name)).toEqual(["Failed"]);
    expect(log.refusedCalls).toMatchObject([{ host: "r.example.io", port: 443, outcome: "timed-out" }]);
  });

  it.each([
    ["a space and a comma", "2026-09-18 07:00:00,000 E [7] OutOfQuota: Not enough quota"],
    ["T and Z", "2026-09-18T07:00:00.000Z OutOfQuota: Not enough quota"],
    ["no date", "OutOfQuota: Not enough quota"],
  ])("finds a code behind a date with %s", (_, line) => {
    expect(readDeploymentLog(line).codes.map(({ code }) => code)).toEqual(["OutOfQuota"]);
  });

  it("does not take a library's exception for the service's code", () => {
    expect(readDeploymentLog("openai.InternalServerError: Error code: 500").codes).toEqual([]);
  });

  it.each([
    [
      "a crash after a success",
      up +
        init +
        answered(200) +
        "2026-09-18 07:12:45,011 E [71] gunicorn.error - Worker (pid:124) was sent SIGSEGV!\n",
      "failed",
    ],
    [
      "a success after an exception",
      up + init + 'Traceback (most recent call last):\n  File "a.py"\nValueError: x\n' + answered(200),
      "succeeded",
    ],
    ["a bad request of a caller", up + init + answered(200) + answered(400), "succeeded"],
    ["no request at all", up + init, undefined],
  ])("tells how the last request ended: %s", (_, content, expected) => {
    expect(readDeploymentLog(content).lastScoring).toBe(expected);
  });
});

describe("the stage at which a deployment stopped", () => {
  it.each([
    ["quota before anything else", "UserContainerImagePull: Pending\nOutOfQuota: none left", "quota"],
    ["the pull", "UserContainerImagePull: Failed", "image-pull"],
    ["the model", "UserContainerImagePull: Succeeded\nModelDownload: Failed", "model-download"],
    ["the start", "UserContainerStart: Failed", "container-start"],
    ["the build before the pull", "UserContainerImagePull: Failed\nImageBuildFailure: step 3", "image-build"],
    ["nothing known", "SystemSetup: Succeeded", "unstated"],
  ])("%s", (_, content, stage) => {
    expect(stageOf(readDeploymentLog(content), "Failed").stage).toBe(stage);
  });
});

describe("a refused call", () => {
  it.each([
    ["Connection to a.blob.core.windows.net:443 timed out", "a.blob.core.windows.net"],
    [
      "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded (Caused by NewConnectionError: [Errno 111] Connection refused)",
      "pypi.org",
    ],
    ["[Errno -2] Name or service not known: https://api.example.com/v1", "api.example.com"],
    ["dial tcp 10.9.0.5:1433: connect: connection refused", "10.9.0.5"],
  ])("%s", (line, host) => {
    expect(refusedCallIn(line)?.host).toBe(host);
  });

  it.each([
    "Read timed out. (host='a.example.com', port=443)",
    "score.py:41 timeout",
    "connect to localhost:80 timed out",
    "WORKER TIMEOUT (pid:7)",
    "connected to a.example.com:443",
  ])("is not %s", (line) => {
    expect(refusedCallIn(line)).toBeUndefined();
  });
});

describe("secrets", () => {
  it.each([
    "https://a.blob.core.windows.net/c?sv=1&sig=abcDEF123%3D",
    "AccountKey=abcdEFGH1234567890==",
    "Authorization: Bearer abcdefghijklmnop",
    "api_key: 'supersecretvalue'",
    "https://user:hunter22@host/x",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x",
  ])("are masked in %s", (text) => {
    expect(maskSecrets(text)).not.toMatch(/abcDEF123|EFGH1234|abcdefghij|supersecret|hunter22|eyJhbG/);
  });

  it.each([
    "KeyError: 'churn'",
    "AuthorizationPermissionMismatch: This request is not authorized",
    "azure.core.exceptions.ClientAuthenticationError: (InvalidAuthenticationInfo) Server failed to authenticate",
    "SecretsInjectionError: Failed to resolve keyvault:https://kv.vault.azure.net/secrets/db",
  ])("are not what follows the name of an error or of a vault: %s", (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  it("are masked behind the name of an error, too", () => {
    expect(maskSecrets("KeyError: password=supersecretvalue")).toBe("KeyError: password=***");
  });
});
