import "./styles/mantine";
import "./styles/tokens.css";
import "./styles/global.css";

import { MantineProvider, createTheme } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { worthRetrying } from "./api/queries";
import { Frame } from "./app/Frame";
import { Pages } from "./app/Pages";

const queries = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 5000, refetchOnWindowFocus: true } },
});

const theme = createTheme({ cursorType: "pointer", respectReducedMotion: true });

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element #root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queries}>
        <Frame>
          <Pages />
        </Frame>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
