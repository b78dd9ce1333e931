import { ActionIcon, Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";

import classes from "./Filter.module.css";
import { FilterInput } from "./FilterInput";
import type { ImageFilters } from "./filters";
import { ViewsMenu } from "./ViewsMenu";

interface FilterBarProps {
  filters: ImageFilters;
  onChange: (filters: ImageFilters) => void;
}

/** The filter as one chip a condition; a click on a chip takes it back into the line. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const [text, setText] = useState("");
  const set = (where: string[]) => { onChange({ ...filters, where }); };
  const without = (condition: string) => filters.where.filter((item) => item !== condition);
  return (
    <div className={classes.bar} role="search" aria-label="Filter images">
      <div className={classes.line}>
        <FilterInput text={text} onText={setText} onAdd={(condition) => { set([...without(condition), condition]); }} />
        <ViewsMenu filters={filters} onChange={onChange} />
      </div>
      {filters.where.length > 0 && (
        <div className={classes.chips}>
          {filters.where.map((condition) => (
            <span key={condition} className={classes.chip}>
              <button
                type="button"
                title="Edit this condition"
                onClick={() => {
                  set(without(condition));
                  setText(condition);
                }}
              >
                {condition}
              </button>
              <ActionIcon size={18} aria-label={`Remove ${condition}`} onClick={() => { set(without(condition)); }}>
                <IconX size={12} />
              </ActionIcon>
            </span>
          ))}
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => { set([]); }}>
            Clear all
          </Button>
        </div>
      )}
    </div>
  );
}
