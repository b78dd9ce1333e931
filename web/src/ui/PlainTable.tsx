import { Table } from "@mantine/core";
import type { ReactNode } from "react";

import classes from "./DataTable.module.css";

/** A table of facts that are already here, in the look of `DataTable`. */
export function PlainTable({ children }: { children: ReactNode }) {
  return <Table className={classes.table}>{children}</Table>;
}
