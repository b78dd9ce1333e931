import { useSearchParams } from "react-router";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Page, Panel } from "@/ui/Page";

import { type Run, useRecipes, useRun } from "./queries";
import { draftLike, EMPTY } from "./start/draft";
import { StartForm } from "./start/StartForm";

export function Component() {
  const project = useProject();
  const like = useSearchParams()[0].get("like");
  const model = useRun(project, like);
  return (
    <Page title="Start training" lead="A run learns from one frozen dataset version and reports on its test split.">
      {like === null ? (
        <Form />
      ) : (
        <Loaded query={model}>{({ run }) => <Form like={run} />}</Loaded>
      )}
    </Page>
  );
}

function Form({ like }: { like?: Run }) {
  const project = useProject();
  const recipes = useRecipes(project);
  return (
    <Loaded query={recipes}>
      {(items) => {
        const recipe = items.find((item) => item.name === like?.recipe) ?? items[0];
        if (recipe === undefined) {
          return (
            <Panel>
              <EmptyState title="No recipe for this task">
                Log runs from your own code through the REST API instead.
              </EmptyState>
            </Panel>
          );
        }
        const draft = like === undefined ? EMPTY : draftLike(like, recipe.parameters);
        return <StartForm recipe={recipe} initial={draft} />;
      }}
    </Loaded>
  );
}
