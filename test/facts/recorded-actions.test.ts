import path from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { readDeploymentLog } from "../../src/facts/deployment-log-text.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { workspaceDiagnose } from "../../src/facts/workspace-diagnose.ts";
import { describeWithShared } from "../shared-folder.ts";
import { contextAnswering, recordedAnswers, resourcesIn } from "./recorded-answers.ts";

const result = z.object({ code: z.string(), level: z.string() });
const diagnosed = z.object({ value: z.record(z.string(), z.array(result)) });
const logged = z.object({ content: z.string() });
const managed = { id: "/ws", properties: { managedNetwork: { isolationMode: "AllowOnlyApprovedOutbound" } } };

describeWithShared("recorded answers that a fact makes something of", (shared) => {
  const answers = recordedAnswers(path.join(shared, "arm-corpus")).filter(({ status }) => status === 200);
  const of = (type: RegExp) => answers.filter((answer) => type.test(answer.type));

  const diagnoses = of(/workspaces\/diagnose$|\/workspaceoperationsstatus$/).filter(
    ({ body }) => diagnosed.safeParse(body).success,
  );

  it("has diagnoses with and without results", () => {
    const counts = diagnoses.map(({ body }) => Object.values(diagnosed.parse(body).value).flat().length);
    expect(counts.length).toBeGreaterThan(4);
    expect(counts).toContain(0);
  });

  it.each(diagnoses)("$name: every result of the service's diagnosis is told", async (answer) => {
    const read = await workspaceDiagnose.collect({ workspace: managed }, contextAnswering(answer));
    const told = Object.entries(diagnosed.parse(answer.body).value).flatMap(([category, all]) =>
      all.map(({ code, level }) => ({ category, code, level })),
    );
    expect(read).toEqual({
      is: "value",
      value: told.map((each) => ({ ...each, message: expect.any(String) as string })),
    });
  });

  it.each(of(/workspaces\/outboundrules$/).filter(({ method }) => method === "GET"))(
    "$name: every outbound rule keeps its name and has an id of its own",
    async (answer) => {
      const names = resourcesIn(answer).map((each) => z.object({ name: z.string() }).parse(each).name);
      const read = await outboundRules.collect({ workspace: managed }, contextAnswering(answer));
      if (read.is !== "value") throw new Error(JSON.stringify(read));
      expect(read.value.map(({ name }) => name)).toEqual(names);
      expect(new Set(read.value.map(({ id }) => id)).size).toBe(names.length);
      expect(read.value.filter(({ kind }) => kind === "other")).toEqual([]);
    },
  );

  it.each(of(/deployments\/getlogs$/).filter(({ name }) => name.startsWith("recordings/")))(
    "$name: the log of a sound deployment shows no fault",
    (answer) => {
      expect(readDeploymentLog(logged.parse(answer.body).content)).toMatchObject({
        steps: {
          "system-setup": "Succeeded",
          "image-pull": "Succeeded",
          "model-download": "Succeeded",
          "container-start": "Succeeded",
        },
        warnings: [],
        codes: [],
        crashes: 0,
        tracebacks: 0,
        serverErrors: 0,
        refusedCalls: [],
      });
    },
  );
});
