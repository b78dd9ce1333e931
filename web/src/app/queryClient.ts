import { notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/problem";

/** Screens of running things ask again this often; a hidden tab does not ask. */
export const LIVE_MS = 3000;
/** Lists that change only now and then. */
export const CALM_MS = 15000;

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (error instanceof ApiError && error.status === 401 && query.queryKey[0] !== "me") {
        void queryClient.invalidateQueries({ queryKey: ["me"] });
      }
    },
  }),
  mutationCache: new MutationCache({
    // A mutation that shows its own error sets meta.silent.
    onError: (error, _variables, _context, mutation) => {
      if (mutation.meta?.silent) return;
      notifications.show({
        color: "red",
        title: error instanceof ApiError ? error.title : "Not done",
        message: error.message,
        autoClose: 9000,
      });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (count, error) => !(error instanceof ApiError && error.status < 500) && count < 2,
    },
  },
});
