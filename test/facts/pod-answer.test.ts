import { describe, expect, it } from "vitest";
import { readCurl, readLookUp } from "../../src/facts/pod-answer.ts";

const ended = (stdout: string, stderr = "", exitCode = 0) => ({ stdout, stderr, exitCode });

describe("what nslookup says in a pod", () => {
  it.each([
    [
      "BIND's, with an alias",
      ended(
        "Server:\t\t10.200.0.10\nAddress:\t10.200.0.10#53\n\nacr.azurecr.io\tcanonical name = acr.privatelink.azurecr.io.\nName:\tacr.privatelink.azurecr.io\nAddress: 10.1.0.8\n",
      ),
      "answered",
      ["10.1.0.8"],
    ],
    [
      "BusyBox's, which ends with 1 for want of an AAAA record",
      ended(
        "Server:    10.200.0.10\nAddress 1: 10.200.0.10 kube-dns.kube-system.svc\n\nName:      acr.azurecr.io\nAddress 1: 10.1.0.8\n",
        "",
        1,
      ),
      "answered",
      ["10.1.0.8"],
    ],
    ["NXDOMAIN", ended("Server: 10.200.0.10\n\n** server can't find x.y: NXDOMAIN\n", "", 1), "unresolved", []],
    ["BusyBox's denial", ended("", "nslookup: can't resolve 'x.y': Name does not resolve\n", 1), "unresolved", []],
    ["silence", ended(";; connection timed out; no servers could be reached\n", "", 1), "dns-silent", []],
    ["no such program", ended("", "", 127), "no-program", []],
    ["something else", ended("HTTP/1.1 401 Unauthorized\n"), "unclear", []],
  ])("%s", (_, said, outcome, addresses) => {
    expect(readLookUp(said)).toMatchObject({ outcome, addresses });
  });
});

describe("what curl says in a pod", () => {
  it.each([
    ["an answer", ended("HTTP/1.1 401 Unauthorized\r\n"), { outcome: "answered", status: 401, said: "HTTP 401" }],
    [
      "the router's",
      ended("HTTP/1.1 404 Not Found\r\nserver: azureml-fe\r\n\r\nSwagger not found"),
      { outcome: "answered", said: "HTTP 404, Swagger not found" },
    ],
    ["a page, which is not quoted", ended("HTTP/2 200\r\n\r\n{}secret"), { outcome: "answered", said: "HTTP 200" }],
    ["no address", ended("", "curl: (6) Could not resolve host: x.y\n", 6), { outcome: "unresolved" }],
    [
      "a silent server",
      ended("", "curl: (28) Resolving timed out after 4001 milliseconds\n", 28),
      { outcome: "dns-silent" },
    ],
    ["a silent host", ended("", "curl: (28) Connection timed out after 4001 ms\n", 28), { outcome: "timeout" }],
    [
      "a host that takes the connection and says nothing",
      ended("", "curl: (28) Operation timed out after 8001 milliseconds with 0 bytes received\n", 28),
      { outcome: "silent" },
    ],
    [
      "a refusal",
      ended("", "curl: (7) Failed to connect to localhost port 5051: Connection refused\n", 7),
      { outcome: "refused" },
    ],
    [
      "a bad handshake",
      ended("", "curl: (35) error:0A000438:SSL routines::tlsv1 alert internal error\n", 35),
      { outcome: "tls" },
    ],
    ["a proxy without address", ended("", "curl: (5) Could not resolve proxy: p\n", 5), { outcome: "unclear" }],
    ["no such program", ended("", "", 127), { outcome: "no-program" }],
    ["a runtime that finds none", ended("", "exec: curl: not found", 126), { outcome: "no-program" }],
    [
      "the certificate",
      ended("HTTP/1.1 404\r\n", "*  subject: CN=score.example.com\n*  expire date: Jan  1 00:00:00 2027 GMT\n"),
      { certificate: "CN=score.example.com, until Jan  1 00:00:00 2027 GMT" },
    ],
  ])("%s", (_, said, expected) => {
    expect(readCurl(said)).toMatchObject(expected);
  });
});
