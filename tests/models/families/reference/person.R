# Models of one outcome per person, with R's own; writes person.json.
# Run from this folder: python make_data.py && Rscript person.R
suppressMessages({library(survival); library(ordinal); library(AER); library(sandwich)
                  library(jsonlite)})
d <- read.csv("person.csv")
z <- function(v) (v - mean(v)) / sd(v)
a <- d[!is.na(d$after), ]; a$z <- z(a$x); d$z <- z(d$x)
a$response <- as.numeric((a$before - a$after) / a$before >= 0.5)
a$remission <- as.numeric(a$after < 5)
a$band <- cut(a$after, c(-1, 4, 9, 14, 27), ordered_result = TRUE)
told <- function(fit, v = vcov(fit), keep = names(coef(fit))) {
  b <- coef(fit)[keep]
  list(terms = keep, estimate = unname(b), std_error = unname(sqrt(diag(v)[keep])),
       log_likelihood = as.numeric(logLik(fit)))
}
out <- list()
m <- lm(after ~ before + age + site + z, a)
out$ancova <- c(told(m), list(df = df.residual(m), p = unname(coef(summary(m))[, 4])))
out$ancova_hc0 <- told(m, vcovHC(m, "HC0")); out$ancova_hc2 <- told(m, vcovHC(m, "HC2"))
m <- lm(I(after - before) ~ z, a)
out$change <- c(told(m), list(df = df.residual(m), p = unname(coef(summary(m))[, 4])))
m <- glm(response ~ before + age + site + z, binomial, a, control = glm.control(1e-14))
out$response <- told(m); out$response_hc0 <- told(m, vcovHC(m, "HC0"))
# Remission is told of those who were not in remission before.
b <- a[a$before >= 5, ]; b$z <- z(b$x)
b$za <- z(b$age); b$prod <- b$z * b$za
m <- glm(remission ~ before + age + site + z + prod, binomial, b, control = glm.control(1e-14))
out$moderated <- told(m)
m <- clm(band ~ before + age + site + z, data = a, control = clm.control(gradTol = 1e-10))
keep <- names(m$beta)
out$ordinal <- list(terms = keep, estimate = unname(m$beta),
                    std_error = unname(sqrt(diag(vcov(m))[keep])), thresholds = unname(m$alpha),
                    log_likelihood = as.numeric(logLik(m)))
m <- tobit(after ~ before + age + site + z, left = 0, right = 27, data = a,
           control = survreg.control(rel.tolerance = 1e-14))
keep <- names(coef(m)); v <- vcov(m)
out$tobit <- list(terms = keep, estimate = unname(coef(m)), std_error = unname(sqrt(diag(v)[keep])),
                  sigma = m$scale, log_likelihood = as.numeric(logLik(m)))
m <- glm(gone ~ before + age + site + z, binomial, d, control = glm.control(1e-14))
out$dropout <- told(m)
m <- coxph(Surv(week, gone) ~ before + age + site + z, d, ties = "efron",
           control = coxph.control(eps = 1e-14))
out$cox <- told(m)
zph <- cox.zph(m, transform = "rank", terms = FALSE)
out$cox$zph_p <- unname(zph$table["z", "p"])
out$versions <- list(R = R.version.string, survival = as.character(packageVersion("survival")),
                     ordinal = as.character(packageVersion("ordinal")),
                     AER = as.character(packageVersion("AER")),
                     sandwich = as.character(packageVersion("sandwich")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 14, auto_unbox = TRUE), "person.json")
