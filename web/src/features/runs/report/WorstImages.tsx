import { Button, Checkbox, Group, Select } from "@mantine/core";

import { projectPath, useProject } from "@/app/project";
import { thumbnailUrl } from "@/features/data/queries";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorState } from "@/ui/ErrorState";
import { count } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PhotoGrid, PhotoTile } from "@/ui/PhotoTile";
import { Probabilities } from "@/ui/Probabilities";
import { StateDot } from "@/ui/State";

import type { ImageFilter, ImageResult } from "../queries";
import { useEvaluatedImages } from "./queries";
import classes from "./Report.module.css";

interface WorstImagesProps {
  evaluationId: string;
  labels: readonly string[];
  filter: ImageFilter;
  onFilter: (filter: ImageFilter) => void;
}

/** Images of the evaluation, the worst first, with what the model made of them. */
export function WorstImages({ evaluationId, labels, filter, onFilter }: WorstImagesProps) {
  const images = useEvaluatedImages(useProject(), evaluationId, filter);
  const pages = images.data?.pages ?? [];
  const total = pages[0]?.total ?? 0;
  return (
    <Panel
      title={`Images, worst first${pages.length > 0 ? ` (${count(total)})` : ""}`}
      aside={<Filters labels={labels} filter={filter} onFilter={onFilter} />}
    >
      {images.isError && <ErrorState error={images.error} onRetry={() => void images.refetch()} />}
      {images.isSuccess && total === 0 && (
        <EmptyState title="No image matches">
          {filter.only_errors ? "The model made no such error." : "Choose other classes."}
        </EmptyState>
      )}
      <PhotoGrid>
        {pages.flatMap((page) => page.items).map((item) => (
          <Result key={item.image_id} item={item} labels={labels} />
        ))}
      </PhotoGrid>
      {images.hasNextPage && (
        <Group justify="center" mt="md">
          <Button
            variant="default"
            loading={images.isFetchingNextPage}
            onClick={() => void images.fetchNextPage()}
          >
            Show more
          </Button>
        </Group>
      )}
    </Panel>
  );
}

function Filters({ labels, filter, onFilter }: Omit<WorstImagesProps, "evaluationId">) {
  const choose = (name: "label" | "predicted", title: string) => (
    <Select
      size="xs"
      w={140}
      aria-label={title}
      placeholder={title}
      clearable
      value={filter[name] ?? null}
      data={[...labels]}
      onChange={(value) => { onFilter({ ...filter, [name]: value ?? undefined }); }}
    />
  );
  return (
    <div className={classes.filters}>
      {choose("label", "True class")}
      {choose("predicted", "Predicted class")}
      <Checkbox
        size="xs"
        label="Errors only"
        checked={filter.only_errors ?? false}
        onChange={(event) => { onFilter({ ...filter, only_errors: event.currentTarget.checked }); }}
      />
    </div>
  );
}

function Result({ item, labels }: { item: ImageResult; labels: readonly string[] }) {
  const project = useProject();
  const verdict = item.is_correct ? item.label : `${item.label}, taken for ${item.predicted}`;
  return (
    <PhotoTile
      src={thumbnailUrl(project, item.image_id, 256)}
      alt={`Photo of ${verdict}`}
      to={projectPath(project, `/data?image=${item.image_id}`)}
    >
      <div className={classes.verdict} title={verdict}>
        <StateDot tone={item.is_correct ? "ok" : "failing"} label={item.is_correct ? "right" : "wrong"} />
        {item.is_correct ? item.label : `${item.label} → ${item.predicted}`}
      </div>
      <Probabilities
        truth={item.label}
        items={item.probabilities.map((value, index) => ({ label: labels[index] ?? "", value }))}
      />
    </PhotoTile>
  );
}
