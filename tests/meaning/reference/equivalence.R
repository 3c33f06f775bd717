# One-sided t tests of R against bounds other than zero: two of them are TOST, as in TOSTER.
# Rscript equivalence.R > equivalence.json
suppressMessages(library(jsonlite))
cases <- list(
  list(shift = 0.1, n = c(40, 55), bound = 0.5),
  list(shift = 1.2, n = c(30, 30), bound = 0.5),
  list(shift = -1.5, n = c(25, 80), bound = 0.3),
  list(shift = 0.4, n = c(12, 15), bound = 0.2),
  list(shift = 0.02, n = c(900, 1100), bound = 0.2)
)
set.seed(20261123)
out <- lapply(cases, function(one) {
  x <- rnorm(one$n[1], one$shift, 1.1)
  y <- rnorm(one$n[2], 0, 0.9)
  both <- t.test(x, y)
  p <- function(mu, side) t.test(x, y, mu = mu, alternative = side)$p.value
  inner <- t.test(x, y, conf.level = 0.90)$conf.int
  list(
    estimate = unname(both$estimate[1] - both$estimate[2]), std_error = both$stderr,
    df = unname(both$parameter), bound = one$bound, p_zero = both$p.value,
    p_tost = max(p(-one$bound, "greater"), p(one$bound, "less")),
    p_minimal = min(p(one$bound, "greater"), p(-one$bound, "less")),
    inner_low = inner[1], inner_high = inner[2]
  )
})
cat(toJSON(list(R = R.version.string, cases = out), auto_unbox = TRUE, digits = NA, pretty = TRUE))
