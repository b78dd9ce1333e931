import { Badge } from "@mantine/core";

/** The names by which a version is called: champion serves production, challenger wants to. */
export function Aliases({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <Badge key={name} component="span" mr={4} color={name === "champion" ? "teal" : name === "challenger" ? "accent" : "gray"}>
      {name}
    </Badge>
  ));
}
