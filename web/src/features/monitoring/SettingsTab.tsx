import { Button, Group, NumberInput, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useOutletContext } from "react-router";

import { Allowed } from "@/app/Allowed";
import { useProject } from "@/app/project";
import { useEndpoint } from "@/features/endpoints/queries";
import { sentence } from "@/ui/format";
import { Panel } from "@/ui/Page";

import classes from "./Monitoring.module.css";
import { type Monitor, useUpdateMonitor } from "./queries";

type Settings = Monitor["settings"];

const MEANINGS: Record<keyof Settings, string> = {
  window_size: "Newest deduplicated images that one evaluation looks at",
  min_images: "Fewer images than this are no evidence",
  alpha: "Probability of calling a clean window drifted",
  every_requests: "Evaluate again after so many new requests",
  max_accuracy_drop: "Estimated accuracy this far below the reference is an alert",
  review_budget: "Images that one trip to the review queue may cost",
  audit_share: "Share of the budget drawn at random",
  review_on_alert: "Send images to review as soon as an alert opens",
  assignee: "User who gets the review tasks; open to all when empty",
  max_latency_p95_ms: "Slower than this is an alert",
  max_restarts_per_hour: "Automatic restarts before a person is asked",
  retention_days: "Age at which records and stored images are deleted",
};

/** How the monitor evaluates; the defaults come from measurements. */
export function Component() {
  const monitor = useOutletContext<Monitor>();
  return <Form key={monitor.updated_at} monitor={monitor} />;
}

function Form({ monitor }: { monitor: Monitor }) {
  const project = useProject();
  const update = useUpdateMonitor(project, monitor.name);
  const workspace = useEndpoint(project, monitor.endpoint).data?.workspace;
  const [settings, setSettings] = useState(monitor.settings);
  const changed = JSON.stringify(settings) !== JSON.stringify(monitor.settings);
  return (
    <Panel title="Settings">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate({ settings });
        }}
      >
        <div className={classes.form}>
          {(Object.keys(MEANINGS) as (keyof Settings)[]).map((name) => (
            <Field
              key={name}
              name={name}
              value={settings[name]}
              onChange={(value) => { setSettings({ ...settings, [name]: value }); }}
            />
          ))}
        </div>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" disabled={!changed} onClick={() => { setSettings(monitor.settings); }}>
            Reset
          </Button>
          <Allowed right="operate" workspace={workspace}>
            <Button type="submit" disabled={!changed} loading={update.isPending}>
              Save
            </Button>
          </Allowed>
        </Group>
      </form>
    </Panel>
  );
}

interface FieldProps {
  name: keyof Settings;
  value: Settings[keyof Settings];
  onChange: (value: unknown) => void;
}

function Field({ name, value, onChange }: FieldProps) {
  const shared = { label: sentence(name), description: MEANINGS[name] };
  if (typeof value === "boolean") {
    return <Switch {...shared} checked={value} onChange={(event) => { onChange(event.currentTarget.checked); }} />;
  }
  if (typeof value === "number") {
    return (
      <NumberInput
        {...shared}
        min={0}
        step={value > 0 && value < 1 ? 0.01 : 1}
        value={value}
        onChange={(next) => { onChange(Number(next)); }}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      value={value ?? ""}
      onChange={(event) => { onChange(event.currentTarget.value || null); }}
    />
  );
}
