# Simple slopes, Johnson-Neyman bounds and areas of mixed models of long_data/visits.csv, by emmeans
# with the degrees of freedom of lmerTest; writes slopes.json. Run from this folder: Rscript slopes.R
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(jsonlite)})
emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e5)
d <- read.csv("long_data/visits.csv")
people <- d[!duplicated(d$person), ]
d$z <- (d$z - mean(people$z)) / sd(people$z)
age <- c(mean(people$age), sd(people$age))
d$agez <- (d$age - age[1]) / age[2]
d$panic <- as.numeric(d$diagnosis == "panic")
d$id <- d$person
tight <- lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5))
told <- function(f) {
  f <- as.data.frame(f)
  value <- if ("z.trend" %in% names(f)) f$z.trend else f$estimate
  list(estimate = value, std_error = f$SE, df = f$df)
}
slopes <- function(m, name, values) {
  at <- setNames(list(values), name)
  severity <- emtrends(m, as.formula(paste("~", name)), var = "z", at = c(at, time = 0))
  both <- emtrends(m, as.formula(paste("~ time |", name)), var = "z",
                   at = c(at, list(time = c(0, 8))))
  change <- contrast(both, list(change = c(-1, 1)))
  list(severity = told(severity), change = told(change))
}
out <- list(age = age)
m <- lmer(value ~ time * (z * agez + panic) + (1 + time | id), d, control = tight)
out$by_age <- slopes(m, "agez", c(-1, 0, 1))
edge <- function(x, side) {
  s <- slopes(m, "agez", x)$change
  s$estimate + side * qt(.975, s$df) * s$std_error
}
grid <- seq(-2.5, 2.5, by = .05)
upper <- sapply(grid, edge, side = 1)
cross <- which(diff(sign(upper)) != 0)
out$bounds <- sapply(cross, function(i)
  uniroot(edge, grid[c(i, i + 1)], side = 1, tol = 1e-12)$root * age[2] + age[1])
m2 <- lmer(value ~ time * (z * panic + agez) + (1 + time | id), d, control = tight)
out$by_diagnosis <- slopes(m2, "panic", c(0, 1))
m3 <- lmer(value ~ time * (z + agez + panic) + (1 + time | id), d, control = tight)
mean_panic <- mean(people$diagnosis == "panic")
at <- function(z) list(time = 4, z = z, agez = 0, panic = mean_panic)
one <- function(z) { f <- as.data.frame(emmeans(m3, ~ time, at = at(z)))
                     list(estimate = 8 * f$emmean, std_error = 8 * f$SE, df = f$df) }
gap <- as.data.frame(contrast(emmeans(m3, ~ z, at = at(c(-1, 1))), list(gap = c(-8, 8))))
out$area <- list(low = one(-1), high = one(1),
                 gap = list(estimate = gap$estimate, std_error = gap$SE, df = gap$df))
write(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = TRUE), "slopes.json")
