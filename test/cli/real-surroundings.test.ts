import { expect, test } from "vitest";
import { authorityOf } from "../../src/cli/real-surroundings.ts";
import { clouds } from "../../src/model/cloud.ts";

test.each([
  [undefined, "https://login.microsoftonline.com"],
  ["", "https://login.microsoftonline.com"],
  ["login.microsoftonline.us", "https://login.microsoftonline.us"],
  ["https://login.microsoftonline.us/", "https://login.microsoftonline.us"],
  ["not a host", "https://login.microsoftonline.com"],
])("AZURE_AUTHORITY_HOST %s is %s", (text, wanted) => {
  expect(authorityOf(text, clouds.AzureCloud)).toBe(wanted);
});
