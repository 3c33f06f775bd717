# Cross-validated least squares and logistic regression by lm and glm, on folds given here.
# Rscript folds.R > folds.json
suppressMessages(library(jsonlite))
set.seed(3)
n <- 180
d <- data.frame(before = rnorm(n, 30, 10), age = rnorm(n, 35, 10), score = rnorm(n))
d$after <- 5 + 0.6 * d$before - 1.5 * d$score + rnorm(n, 0, 7)
d$met <- as.integer(runif(n) < plogis(2 - 0.1 * d$before + 0.4 * d$score))
fold <- sample(rep(0:4, length.out = n))
held <- list(small = rep(NA, n), large = rep(NA, n))
odds <- held; null <- rep(NA, n)
forms <- list(small = ~ before + age, large = ~ before + age + score)
for (f in 0:4) {
  train <- d[fold != f, ]; test <- d[fold == f, ]
  null[fold == f] <- mean(train$after)
  for (m in names(forms)) {
    held[[m]][fold == f] <- predict(lm(update(forms[[m]], after ~ .), train), test)
    fit <- glm(update(forms[[m]], met ~ .), binomial, train, control = list(epsilon = 1e-12))
    odds[[m]][fold == f] <- predict(fit, test)
  }
}
recal <- lapply(odds, function(o) {
  list(slope = unname(coef(glm(d$met ~ o, binomial, control = list(epsilon = 1e-12)))[2]),
       intercept = unname(coef(glm(d$met ~ 1 + offset(o), binomial, control = list(epsilon = 1e-12)))))
})
cat(toJSON(list(R = R.version.string, data = d, fold = fold,
  r2 = lapply(held, function(p) 1 - sum((d$after - p)^2) / sum((d$after - null)^2)),
  rmse = lapply(held, function(p) sqrt(mean((d$after - p)^2))),
  slope = lapply(held, function(p) unname(coef(lm(d$after ~ p))[2])),
  brier = lapply(odds, function(o) mean((plogis(o) - d$met)^2)), recalibrated = recal),
  auto_unbox = TRUE, digits = NA))
