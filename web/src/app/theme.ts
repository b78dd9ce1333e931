import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  createTheme,
  type MantineColorsTuple,
  Modal,
  Paper,
  Table,
  Tooltip,
} from "@mantine/core";

const accent: MantineColorsTuple = [
  "#eef3fe", "#dde7fd", "#bfd1fa", "#98b4f6", "#7396ef",
  "#5a80ea", "#3d63dd", "#3154c3", "#27449f", "#1f367e",
];

const gray: MantineColorsTuple = [
  "#f8f9fb", "#f2f4f7", "#e9ecf0", "#dde1e7", "#c7cdd6",
  "#a3abb8", "#778191", "#566070", "#3a424f", "#1d232c",
];

const dark: MantineColorsTuple = [
  "#d8dce3", "#b4bbc7", "#949dad", "#6a7382", "#363d48",
  "#2a3039", "#1f242b", "#181c22", "#121519", "#0d0f12",
];

/** The page's own tones, because the library's light variant is loud in the dark scheme. */
const ALERT_TONES: Record<string, string> = {
  red: "failing",
  yellow: "attention",
  teal: "ok",
  gray: "idle",
};

/** One accent, neutral greys, compact controls: the look of every page. */
export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: 6,
  colors: { accent, gray, dark },
  black: "#1d232c",
  fontFamily:
    'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", Arial, system-ui, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "16px" },
  focusRing: "auto",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray" } }),
    Alert: Alert.extend({
      vars: (_theme, { color }) => {
        const tone = ALERT_TONES[color ?? ""] ?? "running";
        return { root: { "--alert-bg": `var(--vl-${tone}-soft)`, "--alert-color": `var(--vl-${tone})` } };
      },
    }),
    Badge: Badge.extend({
      defaultProps: { variant: "light", radius: "sm" },
      styles: { root: { textTransform: "none", fontWeight: 500, letterSpacing: 0 } },
    }),
    Button: Button.extend({ defaultProps: { size: "sm" } }),
    Modal: Modal.extend({
      defaultProps: { centered: true, radius: "lg" },
      styles: { title: { fontSize: "1rem", fontWeight: 600 } },
    }),
    Paper: Paper.extend({ defaultProps: { withBorder: true, radius: "lg" } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 8, horizontalSpacing: "md" } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: false } }),
  },
});
