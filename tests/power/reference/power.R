# Power of t tests by R: Rscript power.R > power.json (from this folder). strict = TRUE counts both
# tails. Two groups of n have 2n - 2 degrees of freedom and standard error sqrt(2 / n).
suppressMessages(library(jsonlite))
grid <- expand.grid(n = c(3, 8, 20, 120, 1000), delta = c(0, 0.1, 0.4, 1.2),
                    alpha = c(0.05, 0.00625))
power <- mapply(function(n, d, a) power.t.test(n = n, delta = d, sd = 1, sig.level = a,
                                               strict = TRUE)$power, grid$n, grid$delta, grid$alpha)
found <- expand.grid(n = c(4, 20, 500), power = c(0.8, 0.9), alpha = c(0.05, 0.00625))
delta <- mapply(function(n, p, a) power.t.test(n = n, power = p, sd = 1, sig.level = a,
                                               strict = TRUE, tol = 1e-12)$delta,
                found$n, found$power, found$alpha)
# likelihood given that |z| > c, for the effect freed of selection
sel <- expand.grid(z = c(2.0, 2.5, 3.2, 5), alpha = c(0.05, 0.00625))
sel <- sel[sel$z > qnorm(1 - sel$alpha / 2), ]
free <- mapply(function(z, a) {
  c <- qnorm(1 - a / 2)
  f <- function(m) dnorm(z - m, log = TRUE) - log(pnorm(m - c) + pnorm(-m - c))
  optimize(f, c(0, z), maximum = TRUE, tol = 1e-12)$maximum
}, sel$z, sel$alpha)
cat(toJSON(list(power = cbind(grid, power = power), smallest = cbind(found, delta = delta),
                selection = cbind(sel, m = free), R = R.version.string),
           digits = I(17), pretty = TRUE), "\n")
