import { describe, it } from "vitest";
import { expectVariation } from "./expect-variation.ts";
import { workspaceVariations } from "./workspace-variations.ts";

describe("an estate in which one thing of the workspace, its names or this machine was changed", () => {
  it.each(workspaceVariations)("$story", expectVariation);
});
