/** A kind of store as people know it, and how its addresses look. */
export interface Kind {
  value: string;
  label: string;
  placeholder: string;
  hint: string;
}

export const KINDS: readonly Kind[] = [
  { value: "folder", label: "Folder", placeholder: "/mnt/line-1", hint: "A folder that the server can read." },
  {
    value: "azure",
    label: "Azure",
    placeholder: "abfss://container@account.dfs.core.windows.net/prefix",
    hint: "Blob Storage or Data Lake Gen2; az:// and https:// addresses work as well.",
  },
  {
    value: "s3",
    label: "S3",
    placeholder: "s3://bucket/prefix",
    hint: "Amazon S3, or anything compatible with an endpoint of its own.",
  },
  { value: "gcs", label: "Google Cloud", placeholder: "gs://bucket/prefix", hint: "Google Cloud Storage." },
  {
    value: "https",
    label: "List on the web",
    placeholder: "https://example.com/images.csv",
    hint: "A text file with one address a line, or a CSV file with a column named url.",
  },
];

export function kindOf(value: string): Kind {
  return KINDS.find((kind) => kind.value === value) ?? { value, label: value, placeholder: "", hint: "" };
}

const WORDS: Record<string, string> = {
  sas: "Shared access signature (SAS)",
  sas_token: "SAS token",
  client_id: "Client ID",
  tenant_id: "Tenant ID",
  access_key_id: "Access key ID",
  environment: "As the server itself",
  none: "No login",
  default: "Application default credentials",
  service_account_key: "Service account key (JSON file)",
  path_style: "Path-style addresses",
};

/** A field or method of the API as a label. */
export function fieldLabel(name: string): string {
  const text = name.replaceAll("_", " ");
  return WORDS[name] ?? text.charAt(0).toUpperCase() + text.slice(1);
}

/** A name that the address suggests: its last part, in the letters that names may have. */
export function suggestName(url: string): string {
  const last = url.replace(/[?#].*$/, "").split(/[/@]/).filter((part) => part !== "").at(-1) ?? "";
  return last
    .replace(/\.[a-z]+$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 63);
}
