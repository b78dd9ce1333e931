import { PasswordInput, Select, Textarea, TextInput } from "@mantine/core";

import { fieldLabel } from "./kinds";

export type Values = Readonly<Record<string, string>>;

interface FieldsProps {
  names: readonly string[];
  optional?: readonly string[];
  values: Values;
  onChange: (values: Values) => void;
}

/** Fields for credentials; what is typed is sent once, kept sealed and never shown again. */
export function SecretFields({ names, optional = [], values, onChange }: FieldsProps) {
  return [...names, ...optional].map((name) => {
    const shared = {
      label: fieldLabel(name),
      required: names.includes(name),
      value: values[name] ?? "",
      autoComplete: "off",
      spellCheck: false,
    };
    // A key file has many lines; one line would join them.
    if (name.endsWith("_key") && name.startsWith("service_account")) {
      return (
        <Textarea
          key={name}
          {...shared}
          autosize
          minRows={4}
          maxRows={8}
          onChange={(event) => { onChange({ ...values, [name]: event.currentTarget.value }); }}
        />
      );
    }
    return (
      <PasswordInput
        key={name}
        {...shared}
        onChange={(event) => { onChange({ ...values, [name]: event.currentTarget.value }); }}
      />
    );
  });
}

/** Fields that are no secret, such as a region. */
export function OptionFields({ names, values, onChange }: FieldsProps) {
  return names.map((name) =>
    name === "path_style" ? (
      <Select
        key={name}
        label={fieldLabel(name)}
        placeholder="as the store says"
        clearable
        value={values[name] ?? null}
        onChange={(value) => { onChange({ ...values, [name]: value ?? "" }); }}
        data={[
          { value: "true", label: "Yes" },
          { value: "false", label: "No" },
        ]}
      />
    ) : (
    <TextInput
      key={name}
      label={fieldLabel(name)}
      value={values[name] ?? ""}
      onChange={(event) => { onChange({ ...values, [name]: event.currentTarget.value }); }}
    />
    ),
  );
}

/** Without those that were left empty. */
export function filled(values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));
}
