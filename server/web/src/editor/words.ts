/** What the editor says, in the language of the page: `messages/LANGUAGE/editor.toml`. */

export type EditorWords = Record<
  | "title" | "query" | "run" | "stop" | "examples" | "answer" | "yes" | "no" | "nothing" | "one_row" | "rows"
  | "place" | "running" | "stopped" | "done" | "failed" | "editor_help" | "tab_leaves" | "history"
  | "history_empty" | "clear" | "close" | "share" | "copied" | "search_examples" | "view" | "table"
  | "map" | "network" | "chart" | "timeline" | "pivot" | "raw" | "filter" | "fitting" | "more_rows"
  | "short_names" | "sort_by" | "export" | "connect" | "spreadsheet" | "spreadsheet_help" | "copy"
  | "copy_markdown" | "copy_query" | "without_place" | "places_shown" | "network_shown" | "too_many"
  | "twin" | "zoom_in" | "zoom_out" | "fit" | "chart_of" | "x_axis" | "y_axis" | "colour"
  | "kind_of_chart" | "bars" | "lines" | "dots" | "pivot_rows" | "pivot_columns" | "pivot_values"
  | "count" | "sum" | "mean" | "total" | "uses" | "uses_more" | "in_sample" | "values_each"
  | "draw_failed" | "as_svg" | "as_png" | "as_geojson"
  | "explain" | "asked_rows" | "left_out",
  string
>;
