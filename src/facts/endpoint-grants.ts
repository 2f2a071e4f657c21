import { defineFact } from "../model/fact.ts";
import { seen } from "../model/observation.ts";
import { grantsAt, roleGrantsSchema } from "./role-grants.ts";
import { scoringAnswers } from "./scoring-answers.ts";

/**
 * Who holds which role on the online endpoints that refused the user's own scoring request with 401 or 403, inherited roles
 * included. Where no request was sent or none was refused, nothing is asked.
 */
export const endpointGrants = defineFact({
  key: "arm/endpoint-grants",
  needs: { answers: scoringAnswers },
  reads: ["Microsoft.Authorization/roleAssignments/read", "Microsoft.Authorization/roleDefinitions/read"],
  schema: roleGrantsSchema,
  async collect({ answers }, context) {
    const refused = answers.filter(
      ({ asked, status, kubernetes }) => asked !== "anonymous" && (status === 401 || status === 403) && !kubernetes,
    );
    return seen(
      await grantsAt(
        context,
        refused.map(({ endpointId }) => endpointId),
      ),
    );
  },
});
