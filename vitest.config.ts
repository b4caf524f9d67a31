import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/ui/**/*.test.ts", "tfviz/ui/**/*.test.ts"],
    environment: "happy-dom",
    passWithNoTests: true,
  },
});
