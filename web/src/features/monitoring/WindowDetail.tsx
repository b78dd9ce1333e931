import { Alert, Table } from "@mantine/core";
import { IconTag } from "@tabler/icons-react";

import { useProject } from "@/app/project";
import { EmptyState } from "@/ui/EmptyState";
import { count, dateTime, number, percent, sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";
import { PhotoGrid, PhotoTile } from "@/ui/PhotoTile";
import { PlainTable } from "@/ui/PlainTable";
import { StateBadge } from "@/ui/State";

import classes from "./Monitoring.module.css";
import { type DriftResult, loggedPhotoUrl, type MonitorWindow } from "./queries";

const SHOWN_FEATURES = 10;

/** One evaluation in full: which tests spoke, what changed most, and the images to look at. */
export function WindowDetail({ window }: { window: MonitorWindow }) {
  const { drift, performance } = window;
  if (drift === null) {
    return (
      <Panel title={`Window of ${dateTime(window.created_at)}`}>
        <EmptyState title="Not enough images">
          {count(window.num_images)} images are no evidence. Nothing is concluded before there are more.
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      {performance?.is_extrapolating && (
        <Alert color="yellow" icon={<IconTag size={18} />} title="The accuracy estimate is extrapolating">
          These images lie outside of what the estimator has seen. Send some to review to learn the truth.
        </Alert>
      )}
      <div className={classes.wide}>
        <Panel
          flush
          title="Most drifted statistics"
          aside={<span className="vl-dim">{dateTime(window.created_at)}</span>}
        >
          <Features features={drift.features} />
        </Panel>
        <Panel flush title="Tests" aside={<StateBadge state={window.state} />}>
          <Families drift={drift} />
        </Panel>
      </div>
      <Panel
        title="Most shifted images"
        aside={<span className="vl-dim">least like the reference first</span>}
      >
        <Shifted window={window} images={drift.images} />
      </Panel>
    </>
  );
}

function Features({ features }: { features: DriftResult["features"] }) {
  const sorted = [...features].sort((a, b) => b.distance - a.distance).slice(0, SHOWN_FEATURES);
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Statistic</Table.Th>
          <Table.Th w="28%">Distance (KS)</Table.Th>
          <Table.Th ta="right">Reference mean</Table.Th>
          <Table.Th ta="right">Window mean</Table.Th>
          <Table.Th ta="right" title="Difference of the means in standard deviations of the reference">
            Shift
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sorted.map((feature) => (
          <Table.Tr key={feature.name}>
            <Table.Th scope="row" fw={500}>{sentence(feature.name)}</Table.Th>
            <Table.Td>
              <Bar share={feature.distance} text={feature.distance.toFixed(2)} />
            </Table.Td>
            <Table.Td ta="right">{number(feature.reference_mean)}</Table.Td>
            <Table.Td ta="right">{number(feature.window_mean)}</Table.Td>
            <Table.Td ta="right">
              {feature.shift > 0 ? "+" : ""}
              {`${feature.shift.toFixed(1)}\u00a0σ`}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}

function Bar({ share, text }: { share: number; text: string }) {
  return (
    <div className={classes.bar} role="img" aria-label={text} title={text}>
      <i style={{ width: `${Math.min(100, share * 100).toFixed(0)}%` }} />
    </div>
  );
}

function Families({ drift }: { drift: DriftResult }) {
  return (
    <PlainTable>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Family</Table.Th>
          <Table.Th ta="right">Statistic</Table.Th>
          <Table.Th ta="right" title="Calibrated by splitting the reference again and again">
            Threshold
          </Table.Th>
          <Table.Th ta="right">p-value</Table.Th>
          <Table.Th>Result</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {drift.families.map((family) => (
          <Table.Tr key={family.name}>
            <Table.Th scope="row" fw={500}>{sentence(family.name)}</Table.Th>
            <Table.Td ta="right">{number(family.statistic)}</Table.Td>
            <Table.Td ta="right">{number(family.threshold)}</Table.Td>
            <Table.Td ta="right">{number(family.p_value)}</Table.Td>
            <Table.Td>
              <StateBadge
                state={family.statistic > family.threshold ? "drifted" : "ok"}
                label={family.statistic > family.threshold ? "Over the threshold" : "Within"}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </PlainTable>
  );
}

function Shifted({ window, images }: { window: MonitorWindow; images: DriftResult["images"] }) {
  const project = useProject();
  return (
    <PhotoGrid>
      {images.map((image) => (
        <PhotoTile
          key={image.request_id}
          src={loggedPhotoUrl(project, window.endpoint, image.image_id)}
          alt={`Shifted photo, predicted ${image.label}`}
        >
          <strong>{image.label}</strong>
          <div className="vl-dim">{percent(image.score, 0)} unlike the reference</div>
        </PhotoTile>
      ))}
    </PhotoGrid>
  );
}
