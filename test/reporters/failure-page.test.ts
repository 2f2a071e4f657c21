import { describe, expect, it } from "vitest";
import { renderFailurePage } from "../../src/reporters/failure-page.ts";

const view = { color: false, ascii: false, verbose: false, explain: false, columns: 60 };

const page = `<!-- generated -->

# some-failure

**It is broken.**

## What you see

> NAME holds &lt;b> and \\*

- [other](other.md): A title that is long enough to be wrapped once
- \`code\`

1. Mend it.

\`\`\`sh
az first --id /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/X/y

az second
\`\`\`

Read <https://example.com/a>.
`;

describe("a failure's page in a terminal", () => {
  it("has no signs of Markdown, wraps prose and leaves commands whole", () => {
    expect(renderFailurePage(page, view)).toBe(`some-failure

  It is broken.

What you see

    NAME holds <b> and *
  • other: A title that is long enough to be wrapped once
  • code

  1. Mend it.

    az first --id /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/X/y

    az second

  Read https://example.com/a.
`);
  });
});
