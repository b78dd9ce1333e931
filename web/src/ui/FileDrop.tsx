import { FileButton, UnstyledButton } from "@mantine/core";
import { type ReactNode, useState } from "react";

import classes from "./FileDrop.module.css";

interface FileDropProps {
  accept: string;
  title: string;
  icon: ReactNode;
  onFile: (file: File) => void;
}

/** A field that takes a file by drop or by choice. */
export function FileDrop({ accept, title, icon, onFile }: FileDropProps) {
  const [over, setOver] = useState(false);
  return (
    <FileButton accept={accept} onChange={(file) => { if (file) onFile(file); }}>
      {(props) => (
        <UnstyledButton
          {...props}
          className={classes.field}
          data-over={over || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => { setOver(false); }}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            const file = event.dataTransfer.files[0];
            if (file) onFile(file);
          }}
        >
          {icon}
          <span>{title}</span>
        </UnstyledButton>
      )}
    </FileButton>
  );
}
