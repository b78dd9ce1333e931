import { Button, Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";

import { ApiError } from "@/api/problem";
import { useProject } from "@/app/project";

import classes from "./Filter.module.css";
import { useCheckFilter, useFacets, useFields } from "./queries";
import { suggest } from "./suggestions";

interface FilterInputProps {
  /** The text that is edited; the page keeps it, because a chip can be taken back into it. */
  text: string;
  onText: (text: string) => void;
  onAdd: (condition: string) => void;
}

/** One line to write a condition in, with suggestions; Enter adds it, a mistake is explained below. */
export function FilterInput({ text, onText, onAdd }: FilterInputProps) {
  const project = useProject();
  const check = useCheckFilter(project);
  const combobox = useCombobox({ onDropdownClose: () => { combobox.resetSelectedOption(); } });
  const [focused, setFocused] = useState(false);
  const suggestions = suggest(text, useFields(project).data?.items ?? [], useKnownValues(project));
  const change = (next: string) => {
    onText(next);
    check.reset();
    combobox.openDropdown();
    combobox.resetSelectedOption();
  };
  const submit = () => {
    if (text.trim() === "") return;
    check.mutate(text, {
      onSuccess: ({ filter }) => {
        onAdd(filter);
        onText("");
        combobox.closeDropdown();
      },
    });
  };
  return (
    <div className={classes.input}>
      <Combobox store={combobox} onOptionSubmit={change} position="bottom-start" width={460} shadow="md">
        <Combobox.Target>
          <TextInput
            aria-label="Filter"
            placeholder="Search, or filter: label:bolt and sharpness < 50"
            leftSection={<IconFilter size={15} />}
            value={text}
            spellCheck={false}
            onChange={(event) => { change(event.currentTarget.value); }}
            onFocus={() => { setFocused(true); combobox.openDropdown(); }}
            onBlur={() => { setFocused(false); combobox.closeDropdown(); }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || combobox.getSelectedOptionIndex() >= 0) return;
              event.preventDefault();
              submit();
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!focused || suggestions.length === 0}>
          <Combobox.Options mah={300} style={{ overflowY: "auto" }}>
            {suggestions.map((suggestion) => (
              <Combobox.Option key={suggestion.text} value={suggestion.text}>
                <span className={classes.suggestion}>
                  <span>{suggestion.label}</span>
                  <span className={classes.note}>{suggestion.note}</span>
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {check.isError && <Mistake error={check.error} text={text} onMend={change} />}
    </div>
  );
}

interface MistakeProps {
  error: Error;
  text: string;
  onMend: (text: string) => void;
}

/** What is not understood, where, and what was probably meant. */
function Mistake({ error, text, onMend }: MistakeProps) {
  const facts = error instanceof ApiError ? error.facts : {};
  const { reason, position, suggestion } = facts;
  const at = typeof position === "number" ? position : null;
  const meant = typeof suggestion === "string" ? suggestion : null;
  return (
    <div className={classes.mistake} role="alert">
      {at !== null && at > 0 && (
        <code className={classes.where}>
          {text.slice(0, at)}
          <mark>{text.slice(at) || " "}</mark>
        </code>
      )}
      <span>{typeof reason === "string" ? reason : error.message}</span>
      {meant !== null && at !== null && (
        <Button
          size="compact-xs"
          variant="light"
          onClick={() => { onMend(text.slice(0, at) + text.slice(at).replace(/^[A-Za-z_]\w*/, meant)); }}
        >
          Use {meant}
        </Button>
      )}
    </div>
  );
}

/** Values that the project's images have, by field, for completion. */
function useKnownValues(project: string): ReadonlyMap<string, string[]> {
  const facets = useFacets(project, []).data?.items ?? [];
  return new Map(
    facets.map(({ field, values }) => [field, values.flatMap(({ value }) => (value === null ? [] : [value]))]),
  );
}
