# Nested regressions, and noncentralities of t and F from the package effectsize.
# Rscript increment.R > increment.json
suppressMessages({library(jsonlite); library(effectsize)})
set.seed(7)
make <- function(n, b) {
  d <- data.frame(age = rnorm(n, 35, 10), sex = rbinom(n, 1, 0.4), score = rnorm(n),
                  other = rnorm(n))
  d$y <- 30 - 0.1 * d$age + 2 * d$sex + b * d$score + rnorm(n, 0, 8)
  d
}
out <- lapply(list(c(120, 2), c(400, 0.3), c(60, 0), c(250, -3)), function(one) {
  d <- make(one[1], one[2])
  small <- lm(y ~ age + sex, d)
  large <- lm(y ~ age + sex + score, d)
  both <- lm(y ~ age + sex + score + other, d)
  a <- anova(small, large)
  t <- summary(large)$coefficients["score", "t value"]
  # t_to_d gives 2 t / sqrt(df): its limits are noncentralities in that unit
  e <- t_to_d(abs(t), df.residual(large), ci = 0.95)
  ncp <- c(e$CI_low, e$CI_high) * sqrt(df.residual(large)) / 2
  a2 <- anova(small, both)
  # F_to_eta2 gives ncp / (ncp + df)
  f <- F_to_eta2(a2$F[2], 2, df.residual(both), ci = 0.95, alternative = "two.sided")
  ncpf <- c(f$CI_low, f$CI_high)
  ncpf <- ncpf * df.residual(both) / (1 - ncpf)
  list(data = d, r2_without = summary(small)$r.squared, r2_with = summary(large)$r.squared,
       f = a$F[2], df = df.residual(large), p = a$`Pr(>F)`[2],
       ncp_t_low = ncp[1], ncp_t_high = ncp[2],
       f_both = a2$F[2], df_both = df.residual(both), ncp_f_low = ncpf[1], ncp_f_high = ncpf[2])
})
cat(toJSON(list(R = R.version.string, effectsize = as.character(packageVersion("effectsize")),
                cases = out), auto_unbox = TRUE, digits = NA))
