import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { useProject, useProjectInfo } from "@/app/project";
import { count, sentence } from "@/ui/format";

import classes from "./FilterBar.module.css";
import { countFilters, type ImageFilters, readFilters, withFilter } from "./filters";
import { useSummary } from "./queries";

interface FilterBarProps {
  search: URLSearchParams;
  onChange: (next: URLSearchParams) => void;
}

/** Filters above the grid; each choice says how many images it has. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const summary = useSummary(useProject()).data;
  const categories = useProjectInfo()?.categories ?? [];
  const filters = readFilters(search);
  const set = (key: keyof ImageFilters) => (value: string | null) => {
    onChange(withFilter(search, key, value));
  };
  const byClass = summary?.by_class ?? {};
  return (
    <div className={classes.bar} role="search" aria-label="Filter images">
      <SearchField value={filters.text ?? ""} onChange={set("text")} />
      <Choice
        label="Class"
        value={filters.label}
        onChange={set("label")}
        options={categories.map(({ name }) => [name, name, byClass[name] ?? 0])}
      />
      <Choice
        label="Camera"
        value={filters.camera}
        onChange={set("camera")}
        options={counted(summary?.by_camera)}
      />
      <Choice
        label="Labels"
        value={filters.annotation_status}
        onChange={set("annotation_status")}
        options={counted(summary?.by_annotation_status)}
      />
      <Choice
        label="Origin"
        value={filters.origin}
        onChange={set("origin")}
        options={counted(summary?.by_origin)}
      />
      <Choice
        label="Status"
        value={filters.status}
        onChange={set("status")}
        options={counted(summary?.by_status)}
      />
      {countFilters(filters) > 0 && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} />}
          onClick={() => { onChange(new URLSearchParams()); }}
        >
          Clear
        </Button>
      )}
    </div>
  );
}

type Option = readonly [value: string, label: string, images: number];

function counted(counts: Record<string, number> | undefined): Option[] {
  return Object.entries(counts ?? {}).map(([value, images]) => [value, sentence(value), images]);
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: readonly Option[];
  onChange: (value: string | null) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Select
      className={classes.choice}
      aria-label={label}
      placeholder={label}
      clearable
      data-active={value !== undefined || undefined}
      value={value ?? null}
      onChange={onChange}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      data={options.map(([key, text]) => ({ value: key, label: text }))}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          <span className="vl-dim">{count(options.find(([key]) => key === option.value)?.[2] ?? 0)}</span>
        </span>
      )}
    />
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string | null) => void }) {
  const [text, setText] = useState(value);
  const send = useDebouncedCallback(onChange, 250);
  return (
    <TextInput
      className={classes.search}
      aria-label="Find by name"
      placeholder="Find by name"
      leftSection={<IconSearch size={15} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value);
      }}
      rightSection={
        text !== "" && (
          <ActionIcon
            size="sm"
            aria-label="Clear the text"
            onClick={() => {
              setText("");
              onChange(null);
            }}
          >
            <IconX size={13} />
          </ActionIcon>
        )
      }
    />
  );
}
