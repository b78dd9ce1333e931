import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const backend = process.env.VISIONLOOP_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  base: "/",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": backend } },
  build: {
    outDir: "../src/visionloop/api/static",
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
  },
});
