import { NumberInput, Select, TextInput } from "@mantine/core";

import { sentence } from "@/ui/format";

import { parameterText } from "../figures";
import type { RecipeParameter } from "../queries";
import type { Draft } from "./draft";
import classes from "./StartForm.module.css";

type Settings = Draft["settings"];

interface SettingFieldsProps {
  parameters: readonly RecipeParameter[];
  /** Whether the listed defaults hold; from scratch and after a warm start the recipe has others. */
  hasListedDefaults: boolean;
  values: Settings;
  onChange: (values: Settings) => void;
}

/** One field for each setting of the recipe, as the recipe describes them. */
export function SettingFields({ parameters, hasListedDefaults, values, onChange }: SettingFieldsProps) {
  return (
    <div className={classes.settings}>
      {parameters.map((parameter) => (
        <Field
          key={parameter.name}
          parameter={parameter}
          placeholder={hasListedDefaults ? `usually ${parameterText(parameter.default)}` : "as the recipe chooses"}
          value={values[parameter.name]}
          onChange={(value) => { onChange({ ...values, [parameter.name]: value }); }}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  parameter: RecipeParameter;
  placeholder: string;
  value: Settings[string] | undefined;
  onChange: (value: Settings[string]) => void;
}

function Field({ parameter, placeholder, value, onChange }: FieldProps) {
  const shared = {
    label: sentence(parameter.name),
    description: parameter.description,
    placeholder,
    inputWrapperOrder: ["label", "input", "description"] as ("label" | "input" | "description")[],
  };
  if (parameter.kind === "boolean") {
    return (
      <Select
        {...shared}
        clearable
        value={value === undefined || value === "" ? null : String(value)}
        data={[{ value: "true", label: "Yes" }, { value: "false", label: "No" }]}
        onChange={(chosen) => { onChange(chosen === null ? "" : chosen === "true"); }}
      />
    );
  }
  if (parameter.kind === "integer" || parameter.kind === "number") {
    return (
      <NumberInput
        {...shared}
        allowDecimal={parameter.kind === "number"}
        allowNegative={false}
        step={parameter.kind === "number" ? 0.05 : 1}
        value={typeof value === "boolean" ? "" : (value ?? "")}
        onChange={onChange}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      value={value === undefined ? "" : String(value)}
      onChange={(event) => { onChange(event.currentTarget.value); }}
    />
  );
}
