import { Checkbox, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";

import { words } from "@/ui/format";

import classes from "./AttributeFields.module.css";
import type { Attribute, Values } from "./schema";

interface AttributeFieldsProps {
  title: string;
  attributes: readonly Attribute[];
  values: Values;
  readOnly: boolean;
  onChange: (values: Values) => void;
}

/** Facts beside a class or about an image, each with the input that its type asks for. */
export function AttributeFields({ title, attributes, values, readOnly, onChange }: AttributeFieldsProps) {
  if (attributes.length === 0) return null;
  return (
    <section
      className={classes.fields}
      data-attributes
      aria-label={title}
      onKeyDown={(event) => {
        // Back to the keys of the image.
        if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
      }}
    >
      <h2>{title}</h2>
      {attributes.map((attribute) => (
        <Field
          key={attribute.name}
          attribute={attribute}
          value={values[attribute.name]}
          readOnly={readOnly}
          onValue={(value) => { onChange({ ...values, [attribute.name]: value }); }}
        />
      ))}
    </section>
  );
}

interface FieldProps {
  attribute: Attribute;
  value: unknown;
  readOnly: boolean;
  onValue: (value: unknown) => void;
}

function Field({ attribute, value, readOnly, onValue }: FieldProps) {
  const common = {
    size: "xs" as const,
    label: words(attribute.name),
    description: attribute.help || undefined,
    required: attribute.is_required,
    disabled: readOnly,
  };
  switch (attribute.type) {
    case "boolean":
      return (
        <Checkbox {...common} checked={value === true} onChange={(event) => { onValue(event.currentTarget.checked); }} />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={attribute.values ?? []}
          value={typeof value === "string" ? value : null}
          clearable={!attribute.is_required}
          onChange={onValue}
        />
      );
    case "choices":
      return (
        <MultiSelect
          {...common}
          data={attribute.values ?? []}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onValue}
        />
      );
    case "number":
      return (
        <NumberInput
          {...common}
          min={attribute.minimum ?? undefined}
          max={attribute.maximum ?? undefined}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => { onValue(typeof next === "number" ? next : null); }}
        />
      );
    case "text":
      return (
        <TextInput
          {...common}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => { onValue(event.currentTarget.value); }}
        />
      );
  }
}
