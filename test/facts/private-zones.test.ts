import { expect, test } from "vitest";
import { zonePlanOf } from "../../src/facts/private-zones.ts";
import { seen } from "../../src/model/observation.ts";

const name = "privatelink.blob.core.windows.net";
const zone = (id: string, vnetId: string) => ({
  id,
  name,
  links: seen([{ id: `${id}/l`, name: "l", properties: { virtualNetwork: { id: vnetId } } }]),
  records: seen([]),
});

test.each([
  ["the one that the network is linked to", "/vnet-b", { name, id: "/two" }],
  ["the first where none is", "/vnet-c", { name, id: "/one" }],
  ["the first where the network is not known", undefined, { name, id: "/one" }],
])("of zones with one name, %s", (_, vnetId, wanted) => {
  const known = seen({ zones: [zone("/one", "/vnet-a"), zone("/two", "/VNET-B")], searched: [] });
  expect(zonePlanOf(name, known, vnetId)).toEqual(wanted);
});
