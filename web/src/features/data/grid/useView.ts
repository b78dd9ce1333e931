import { useLocalStorage } from "@mantine/hooks";

/** How a person likes the grid; kept in the browser. */
export interface View {
  /** Least width of a tile in pixels. */
  size: number;
  overlays: boolean;
}

const USUAL: View = { size: 168, overlays: true };

export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useLocalStorage<View>({ key: "visionloop.grid", defaultValue: USUAL, getInitialValueInEffect: false });
  const known = { ...USUAL, ...view };
  return [known, (change) => { setView({ ...known, ...change }); }];
}
