# MMRM, cLDA and GEE of long_data/visits.csv; writes long.json.
# Run from this folder: Rscript long.R
# The optimiser of gls stops at about six digits; a Newton step on its own likelihood, with
# numerical derivatives, carries its parameters further, as in mmrm.R.
suppressMessages({library(nlme); library(geepack); library(clubSandwich); library(emmeans)
                  library(numDeriv); library(jsonlite)})
d <- read.csv("long_data/visits.csv")
people <- d[!duplicated(d$person), ]
d$z <- (d$z - mean(people$z)) / sd(people$z)
d$panic <- as.numeric(d$diagnosis == "panic")
weeks <- sort(unique(d$time))
d$visit <- match(d$time, weeks)
d$week <- factor(d$time)
d$id <- match(d$person, unique(d$person))
d <- d[order(d$id, d$visit), ]
later <- setdiff(weeks, 0)
for (w in later) d[[paste0("late", w)]] <- d$z * (d$time == w)
out <- list()

symmetric <- function(formula, method) {
  first <- gls(formula, d, correlation = corSymm(form = ~ visit | id),
               weights = varIdent(form = ~ 1 | week), method = method,
               control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-14,
                                    msTol = 1e-16, opt = "nlminb", returnObject = TRUE))
  cor <- coef(first$modelStruct$corStruct, unconstrained = FALSE)
  ratio <- log(coef(first$modelStruct$varStruct, unconstrained = FALSE))
  q <- length(cor)
  refit <- function(p) {
    fixed <- setNames(exp(p[-seq_len(q)]), names(ratio))
    gls(formula, d, correlation = corSymm(unname(p[seq_len(q)]), form = ~ visit | id, fixed = TRUE),
        weights = varIdent(form = ~ 1 | week, fixed = fixed), method = method)
  }
  loss <- function(p) -as.numeric(logLik(refit(p)))
  p <- unname(c(cor, ratio))
  for (i in 1:2) p <- p - solve(hessian(loss, p), grad(loss, p))
  list(free = first, fit = refit(p))
}
told <- function(fit) list(terms = names(coef(fit)), estimate = unname(coef(fit)),
                           std_error = unname(sqrt(diag(vcov(fit)))),
                           log_likelihood = as.numeric(logLik(fit)))
robust <- function(fit, rows, type, id = d$id) {
  v <- vcovCR(fit, cluster = id, type = type)
  one <- coef_test(fit, vcov = v, test = "Satterthwaite")
  all <- Wald_test(fit, constraints = constrain_zero(rows), vcov = v, test = "HTZ")
  list(std_error = one$SE, df = one$df_Satt, f = all$Fstat, df_denominator = all$df_denom,
       p = all$p_val)
}

m <- symmetric(value ~ week * (z + age + panic), "REML")
out$mmrm <- told(m$fit)
parts <- grep("^week.*:z$", names(coef(m$fit)))
g <- m$fit
out$mmrm_cr2 <- robust(g, parts, "CR2")
out$mmrm_cr0 <- robust(g, parts, "CR0")
# Means at 1 SD of the score and their differences, numeric covariates at the mean over people.
at <- list(z = c(-1, 0, 1), age = mean(people$age), panic = mean(people$diagnosis == "panic"))
means <- emmeans(g, ~ week | z, at = at, mode = "df.error", data = d)
means <- as.data.frame(means)
out$means <- list(week = as.numeric(as.character(means$week)), z = means$z,
                  estimate = means$emmean, std_error = means$SE)
# Area under the curve by the trapezoid, per week, and its difference between +1 and -1 SD.
h <- diff(weeks) / diff(range(weeks))
w <- (c(h, 0) + c(0, h)) / 2
low <- emmeans(g, ~ week, at = within(at, z <- -1), mode = "df.error", data = d)
high <- emmeans(g, ~ week, at = within(at, z <- 1), mode = "df.error", data = d)
frame <- as.data.frame(contrast(high, list(area = w)))
lower <- as.data.frame(contrast(low, list(area = w)))
both <- emmeans(g, ~ week * z, at = within(at, z <- c(-1, 1)), mode = "df.error", data = d)
gap <- as.data.frame(contrast(both, list(gap = c(-w, w))))
out$area <- list(low = lower$estimate, low_se = lower$SE, high = frame$estimate,
                 high_se = frame$SE, gap = gap$estimate, gap_se = gap$SE)

form <- reformulate(c("week * (age + panic)", paste0("late", later)), "value")
out$clda <- told(symmetric(form, "REML")$fit)

# geepack's ar1 counts steps from one wave to the next; so it sees weeks 0, 2 and 4 only, and its
# alpha is the square of that of one week.
all <- d
for (working in c("independence", "exchangeable", "ar1")) {
  d <- if (working == "ar1") all[all$time <= 4, ] else all
  people <- d[!duplicated(d$person), ]
  d$z <- (d$z - mean(people$z)) / sd(people$z)
  f <- geeglm(value ~ time * (z + age + panic), data = d, id = id, waves = visit,
              corstr = working, scale.fix = FALSE,
              control = geese.control(epsilon = 1e-12, maxit = 200))
  s <- summary(f)
  alpha <- unname(f$geese$alpha)
  if (working == "ar1") alpha <- sqrt(alpha)
  how <- switch(working, independence = NULL,
                exchangeable = corCompSymm(alpha, form = ~ 1 | id, fixed = TRUE),
                ar1 = corCAR1(alpha, form = ~ time | id, fixed = TRUE))
  same <- gls(value ~ time * (z + age + panic), d, correlation = how)
  parts <- grep("^z$|:z$", names(coef(same)))
  out[[paste0("gee_", working)]] <- list(
    terms = names(coef(f)), estimate = unname(coef(f)), std_error = s$coefficients$Std.err,
    alpha = if (working == "independence") 0 else alpha, scale = unname(f$geese$gamma),
    cr2 = robust(same, parts, "CR2", d$id))
}
write(toJSON(out, digits = I(17), auto_unbox = TRUE, pretty = TRUE), "long.json")
