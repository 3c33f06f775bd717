# Reference numbers for missed visits: Rubin's rules (mice, mitml), completed data (lmerTest),
# draws of missed visits (pan), discrete-time hazard (glm).
# Rscript missing.R in this folder; writes missing.json.
suppressMessages({
  library(mice); library(mitml); library(lmerTest); library(pan); library(jsonlite)
})
out <- list()

# Rubin's rules with the degrees of freedom of Barnard and Rubin.
q <- c(-0.31, -0.22, -0.45, -0.28, -0.36, -0.19)
u <- c(0.011, 0.012, 0.010, 0.013, 0.011, 0.012)
out$scalar <- lapply(c(20, 150, 5000), function(dfcom) {
  p <- pool.scalar(q, u, n = dfcom + 1, k = 1)
  list(dfcom = dfcom, estimate = p$qbar, total = p$t, within = p$ubar, between = p$b, df = p$df,
       increase = p$r, fmi = p$fmi)
})
out$scalar_input <- list(q = q, u = u)

# Three terms at once by D2.
set.seed(1)
qhat <- matrix(rnorm(15, 0.4, 0.15), 3, 5)
uhat <- array(0, c(3, 3, 5))
for (j in 1:5) uhat[, , j] <- diag(3) * 0.03 + 0.005
f <- sapply(1:5, function(j) drop(qhat[, j] %*% solve(uhat[, , j]) %*% qhat[, j]) / 3)
named <- c("a", "b", "c")
rownames(qhat) <- named
dimnames(uhat) <- list(named, named, NULL)
d2 <- testConstraints(qhat = qhat, uhat = uhat, constraints = named, method = "D2")
if (is.null(d2$test)) stop("no D2")
out$d2 <- list(f = f, terms = 3, value = d2$test[1, 1], df = d2$test[1, 3], p = d2$test[1, 4])

# The analysis of completed data sets.
sets <- read.csv("missing_completed.csv")
fits <- lapply(split(sets, sets$set), function(d) {
  m <- lmer(value ~ week * (score + age) + (1 + week | id), d, REML = TRUE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  coef(summary(m))
})
terms <- rownames(fits[[1]])
out$completed <- lapply(terms, function(t) {
  q <- sapply(fits, function(x) x[t, 1]); u <- sapply(fits, function(x) x[t, 2]^2)
  dfcom <- mean(sapply(fits, function(x) x[t, 3]))
  p <- pool.scalar(q, u, n = dfcom + 1, k = 1)
  list(term = t, estimate = p$qbar, std_error = sqrt(p$t), df = p$df, fmi = p$fmi)
})

# Draws of missed visits from the same model with nearly flat priors: mean and SD of each.
seen <- read.csv("missing_observed.csv")
weeks <- sort(unique(seen$week))
grid <- expand.grid(week = weeks, id = sort(unique(seen$id)))
people <- unique(seen[c("id", "score", "age")])
full <- merge(merge(grid, people), seen[c("id", "week", "value")], all.x = TRUE)
full <- full[order(full$id, full$week), ]
s <- function(x) (x - mean(x)) / sd(x)
full$score <- s(people$score)[match(full$id, people$id)]
full$age <- s(people$age)[match(full$id, people$id)]
x <- cbind(model.matrix(~ 0 + factor(week), full), full$score, full$age,
           full$score * full$week, full$age * full$week)
z <- cbind(1, full$week)
pred <- cbind(x, z)
p <- ncol(x)
prior <- list(a = 1, Binv = matrix(0.001), c = 2, Dinv = diag(2) * 0.001)
rounds <- 1500
fit <- pan(matrix(full$value), full$id, pred, 1:p, p + 1:2, prior, seed = 1234, iter = 20000)
state <- fit$last
set.seed(2)
draws <- matrix(0, sum(is.na(full$value)), rounds)
for (k in 1:rounds) {  # the sampler keeps the last round only
  fit <- pan(matrix(full$value), full$id, pred, 1:p, p + 1:2, prior,
             seed = sample.int(1e6, 1), iter = 40, start = state)
  state <- fit$last
  draws[, k] <- fit$y[is.na(full$value)]
}
out$draws <- list(cells = full[is.na(full$value), c("id", "week")], mean = rowMeans(draws),
                  sd = apply(draws, 1, sd))

# Leaving in any week: person-weeks from the first to the last seen, but for the final week.
d <- read.csv("missing_leaving.csv")
weeks <- sort(unique(d$week))
risk <- do.call(rbind, lapply(split(d, d$id), function(v) {
  w <- weeks[weeks >= min(v$week) & weeks <= max(v$week) & weeks < max(weeks)]
  if (!length(w)) return(NULL)
  last <- sapply(w, function(x) v$value[v$week == max(v$week[v$week <= x])])
  data.frame(id = v$id[1], week = w, left = as.numeric(w == max(v$week)), last = last,
             score = v$score[1], age = v$age[1])
}))
persons <- unique(d[c("id", "score", "age")])
risk$z <- (risk$score - mean(persons$score)) / sd(persons$score)
some <- names(which(tapply(risk$left, risk$week, sum) > 0))
risk <- risk[risk$week %in% some, ]
risk$l <- (risk$last - mean(risk$last)) / sqrt(mean((risk$last - mean(risk$last))^2))
row <- function(f, t) {
  m <- glm(f, binomial, risk, control = list(epsilon = 1e-14, maxit = 50))
  c(coef(summary(m))[t, 1:2], use.names = FALSE)
}
out$leaving <- list(
  crude = row(left ~ factor(week) + z, "z"),
  adjusted = row(left ~ factor(week) + age + z, "z"),
  last_known = row(left ~ factor(week) + age + l + z, "z"),
  last = row(left ~ factor(week) + age + l, "l"),
  persons = length(unique(risk$id)), events = sum(risk$left))

write_json(out, "missing.json", digits = 12, auto_unbox = TRUE)
