# Areas under ROC curves with DeLong's variances (pROC), and overlap of kernel densities.
# Rscript areas.R > areas.json
suppressMessages({library(jsonlite); library(pROC)})
set.seed(11)
areas <- lapply(list(c(40, 60), c(150, 90), c(12, 300)), function(n) {
  y <- c(rep(1, n[1]), rep(0, n[2]))
  a <- round(rnorm(length(y), 0.8 * y), 1)   # ties
  b <- round(0.6 * a + rnorm(length(y), 0.3 * y), 1)
  ra <- roc(y, a, quiet = TRUE, direction = "<"); rb <- roc(y, b, quiet = TRUE, direction = "<")
  list(y = y, a = a, b = b, auc_a = as.numeric(auc(ra)), auc_b = as.numeric(auc(rb)),
       var_a = var(ra), var_b = var(rb), cov = cov(ra, rb),
       wilcoxon = unname(wilcox.test(a[y == 1], a[y == 0], exact = FALSE)$statistic))
})
overlaps <- lapply(list(c(120, 0), c(200, 6), c(45, -4)), function(one) {
  x <- round(rnorm(one[1], 25 + one[2], 12)); z <- round(rnorm(one[1] + 13, 25, 15))
  n <- length(x); m <- length(z)
  s <- sqrt(((n - 1) * var(x) + (m - 1) * var(z)) / (n + m - 2))
  bw <- 1.06 * s * ((n + m) / 2)^(-0.2)
  ends <- range(c(x, z)) + c(-4, 4) * bw
  f <- density(x, bw = bw, from = ends[1], to = ends[2], n = 4096)
  g <- density(z, bw = bw, from = ends[1], to = ends[2], n = 4096)
  list(x = x, z = z, bw = bw, overlap = sum(pmin(f$y, g$y)) * diff(f$x[1:2]))
})
cat(toJSON(list(R = R.version.string, pROC = as.character(packageVersion("pROC")),
                areas = areas, overlaps = overlaps), auto_unbox = TRUE, digits = NA))
